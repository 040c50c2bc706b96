# Two stages: the first installs into a virtual environment, the second holds
# nothing but Python and that environment.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
WORKDIR /src
COPY . .
RUN /opt/venv/bin/pip install -c constraints.txt '.[postgresql,fast]'

FROM python:3.13-slim
COPY --from=build /opt/venv /opt/venv
# The one folder that is written to; the rest may be mounted read-only. Its
# owner is a number, so that a cluster can see that it is not root.
RUN install -d -o 10001 -g 10001 -m 0750 /data
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    TMPDIR=/data \
    OCOP_SYNC_DATABASE__URL=sqlite:////data/ocop.db
USER 10001:10001
WORKDIR /data
VOLUME /data
# The API listens at this computer alone until OCOP_SYNC_SERVE__HOST and
# OCOP_SYNC_SERVE__PUBLIC_URL say where a proxy reaches it: docs/deployment.md.
EXPOSE 8080
# Whether the API, the worker and their database live; a marketplace that is down
# leaves it healthy. What else somebody has to know: `ocop-sync status --monitor`.
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s --retries=3 \
    CMD ["ocop-sync", "health", "--api"]
ENTRYPOINT ["ocop-sync"]
CMD ["serve", "--every", "60s"]
