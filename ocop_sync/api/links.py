"""The links of the document: which operations an answer leads to, and by which value.

They lead from lists and what was made to reading, changing and ending it, and from each
change back to reading. An operation whose address has parameters is reached by one.
"""

from typing import Final

from ocop_sync.api.typed.links import Link

_FIRST_PACK: Final = {
    "code": "$response.body#/id",
    "sku": "$response.body#/packs/0/sku",
}
_FIRST_PICTURE: Final = {"picture": "$response.body#/pictures/0/id"}
_PICTURES: Final = (
    "list_pictures",
    "add_picture",
    "put_picture_order",
    "edit_picture",
    "delete_picture",
)

LINKS: Final = (
    Link(
        of=["list_accounts"],
        gives={"key": "$response.body#/accounts/0/key"},
        to=["get_account", "put_account_pause", "check_account"],
    ),
    Link(of=["put_account_pause", "check_account"], to=["get_account"]),
    Link(
        of=["list_products"],
        gives={
            "code": "$response.body#/items/0/id",
            "sku": "$response.body#/items/0/packs/0/sku",
        },
        to=["get_product", "get_why", "list_pictures", "put_stock", "adjust_stock"],
    ),
    Link(
        of=["get_product"],
        gives=_FIRST_PACK,
        to=["edit_product", "put_price", "put_stock_policy"],
        version=True,
    ),
    Link(
        of=["get_product"],
        gives=_FIRST_PACK | {"producer": "$response.body#/producer/id"},
        to=[
            "put_pause",
            "add_picture",
            "list_pictures",
            "get_certificates",
            "get_consent",
        ],
    ),
    Link(
        of=["edit_product", "put_price", "put_stock", "adjust_stock", "put_pause"],
        to=["get_product", "get_why"],
    ),
    Link(
        of=_PICTURES,
        gives=_FIRST_PICTURE,
        to=["put_picture_order", "edit_picture"],
        version=True,
    ),
    Link(of=_PICTURES, gives=_FIRST_PICTURE, to=["delete_picture", "get_product"]),
    Link(
        of=["add_product"],
        gives={"code": "$response.body#/id"},
        to=["get_product", "add_pack", "move_product"],
    ),
    Link(of=["get_product"], gives=_FIRST_PACK, to=["move_product"], version=True),
    Link(of=["get_product"], gives=_FIRST_PACK, to=["add_pack"]),
    Link(of=["move_product", "add_pack"], to=["get_product"]),
    Link(
        of=["list_producers"],
        gives={"producer": "$response.body#/items/0/id"},
        to=["get_producer", "get_consent"],
    ),
    Link(
        of=["add_producer"],
        gives={"producer": "$response.body#/id"},
        to=["get_producer", "get_consent"],
    ),
    Link(of=["get_producer"], to=["edit_producer"], version=True),
    Link(of=["edit_producer"], to=["get_producer"]),
    Link(of=["get_consent"], to=["put_consent"], version=True),
    Link(of=["put_consent"], to=["get_consent"]),
    Link(
        of=["upload_import"],
        gives={"report": "$response.body#/id"},
        to=["get_import", "get_annotated_import"],
    ),
    Link(of=["get_schedule_timing"], to=["put_schedule_timing"], version=True),
    Link(of=["put_schedule_timing"], to=["get_schedule"]),
    Link(
        of=["start_run"],
        gives={"run": "$response.body#/run"},
        to=["get_run", "cancel_one_run", "follow_run"],
    ),
    Link(of=["cancel_one_run"], to=["get_run"]),
    Link(
        of=["list_all_plans"],
        gives={"plan": "$response.body#/items/0/id"},
        to=["get_plan"],
    ),
    Link(
        of=["post_plan"],
        gives={"plan": "$response.body#/id"},
        to=["get_plan", "approve_one_plan", "refuse_one_plan", "run_plan"],
    ),
    Link(of=["approve_one_plan"], to=["run_plan", "get_plan"]),
    Link(of=["refuse_one_plan"], to=["get_plan"]),
    Link(of=["run_plan"], gives={"run": "$response.body#/run"}, to=["get_run"]),
    Link(
        of=["list_notices"],
        gives={"notice": "$response.body#/items/0/id"},
        to=["get_notice", "retry_notice"],
    ),
    Link(of=["retry_notice"], to=["get_notice"]),
    Link(
        of=["list_links"],
        gives={"link_id": "$response.body#/items/0/id"},
        to=["void_link"],
    ),
    Link(
        of=["list_sessions"],
        gives={"session_id": "$response.body#/sessions/0/id"},
        to=["delete_session"],
    ),
)
"""Every link."""
