// Makes a chosen picture smaller before it is sent. Whatever fails leaves it as it is: the service takes it, too.
const QUALITY = 0.85;
async function smaller(file, side) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // where it is transparent
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return blob && blob.size < file.size ? new File([blob], "anh.jpg", { type: "image/jpeg" }) : file;
}
async function shrink(field) {
  const side = Number(field.dataset.shrinksTo ?? 0);
  if (!side || !field.files.length) return;
  const told = field.form.querySelector("[role=status]");
  const button = field.form.querySelector("button");
  button.disabled = true;
  told.textContent = `${told.dataset.busy}…`;
  try {
    const file = await smaller(field.files[0], side);
    const files = new DataTransfer();
    files.items.add(file);
    field.files = files.files;
    told.textContent = `${told.dataset.smaller} ${Math.ceil(file.size / 1000)} KB`;
  } catch {
    told.textContent = "";
  } finally {
    button.disabled = false;
  }
}
document.addEventListener("change", ({ target }) => shrink(target));
// On a slow line a picture may have been chosen before this script came.
document.querySelectorAll("[data-shrinks-to]").forEach(shrink);
