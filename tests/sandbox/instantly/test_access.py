"""Keys, scopes, plans, workspaces, and the order in which a request is refused."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox.instantly.asking import Asking, refusal

UNAUTHORIZED = "Unauthorized"
UNKNOWN = "01a0a1f0-0000-7aaa-8aaa-0000000000aa"


def test_the_key_check_names_the_workspace(ask: Asking) -> None:
    own = ask.of(None).get("workspaces/current").json()
    assert (own["name"], own["plan_id_inbox_placement"]) == ("Harbour Agency", "pid_ip_hg")
    assert "org_logo_url" not in own
    assert ask.get("workspaces/current").json()["name"] == "Northwind"
    assert ask.by("tidal").get("workspaces/current").json()["plan_id_inbox_placement"] == "pid_ip_g"


def test_without_a_good_key_nothing_is_told(ask: Asking) -> None:
    get = ask.client.get
    assert refusal(get("/api/v2/accounts")) == (401, UNAUTHORIZED, "Missing Authorization header")
    for header in ("Bearer nobody", "Bearer", "Basic abc", ask.box.instantly.key("agency")):
        assert get("/api/v2/accounts", headers={"Authorization": header}).status_code == 401
    assert refusal(ask.by("revoked").get("accounts"))[0] == 401


def test_a_key_is_revoked_and_restored(ask: Asking) -> None:
    ask.change(revoke=["tidal"])
    assert ask.by("tidal").get("accounts").status_code == 401
    ask.change(restore=["tidal"])
    assert ask.by("tidal").get("accounts").status_code == 200


def test_inboxallys_keys_open_nothing_here_and_the_other_way_round(ask: Asking) -> None:
    theirs = {"Authorization": f"Bearer {ask.box.key('northwind')}"}
    assert ask.client.get("/api/v2/accounts", headers=theirs).status_code == 401
    ours = {"X-API-KEY": ask.box.instantly.key("agency")}
    assert ask.client.get("/v3/seeds", headers=ours).status_code == 401


def test_the_edge_blocks_agents_with_a_page(ask: Asking) -> None:
    for agent in ("Python-urllib/3.13", ""):
        response = ask.client.get("/api/v2/accounts", headers={**ask.headers, "User-Agent": agent})
        assert response.status_code == 403
        assert response.headers["Content-Type"].startswith("text/html")
    ask.switch(block_agents=False)
    assert ask.client.get("/api/v2/accounts", headers={**ask.headers, "User-Agent": ""}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "inbox-placement-tests",
        "inbox-placement-tests/email-service-provider-options",
        f"inbox-placement-tests/{UNKNOWN}",
        "inbox-placement-analytics",
        "inbox-placement-reports",
    ],
)
def test_placement_needs_its_plan_and_its_scope(ask: Asking, path: str) -> None:
    status, error, _ = refusal(ask.by("noplan").get(path))
    assert (status, error) == (402, "Payment Required")
    assert refusal(ask.by("noplacement").get(path))[0] == 401
    ask.switch(missing_scope=403)
    assert refusal(ask.by("noplacement").get(path)) == (403, "Forbidden", "Forbidden")
    ask.switch(placement_plan_lacks=True)
    assert ask.get(path).status_code == 402


def test_the_other_lists_need_no_placement_plan(ask: Asking) -> None:
    for key in ("noplan", "noplacement"):
        for path in ("accounts", "campaigns", "custom-tags", "custom-tag-mappings", "workspaces/current", "background-jobs"):
            assert ask.by(key).get(path).status_code == 200


def test_without_any_plan_everything_is_402(ask: Asking) -> None:
    for path in ("workspaces/current", "accounts", "inbox-placement-tests"):
        assert refusal(ask.by("lapsed").get(path)) == (
            402,
            "Payment Required",
            "Workspace does not have an active paid plan",
        )


def test_a_reading_key_writes_nothing(ask: Asking) -> None:
    reader = ask.by("readonly")
    assert reader.get("accounts").status_code == 200
    for method, path in (("POST", "accounts/pat%40harbour-agency.example/pause"), ("DELETE", f"inbox-placement-tests/{UNKNOWN}")):
        assert reader.send(method, path).status_code == 401
    assert reader.post("accounts/warmup-analytics", {"emails": ["pat@harbour-agency.example"]}).status_code == 200


def test_refusals_come_in_order(ask: Asking) -> None:
    """Key, plan, scope, validation, existence."""
    nonsense = {"test_id": "x", "limit": "many"}
    assert ask.client.get("/api/v2/inbox-placement-analytics", params=nonsense).status_code == 401
    assert ask.by("noplan").get("inbox-placement-analytics", **nonsense).status_code == 402
    assert ask.by("noplacement").get("inbox-placement-analytics", **nonsense).status_code == 401
    assert ask.get("inbox-placement-analytics", **nonsense).status_code == 400
    assert ask.get("inbox-placement-analytics", test_id=UNKNOWN).status_code == 404


def test_the_group_is_listed_for_its_leader(ask: Asking) -> None:
    members = ask.of(None).every("workspace-group-members", limit=2)
    assert [(one["sub_workspace_name"], one["status"]) for one in members] == [
        ("Northwind", "accepted"),
        ("Atelier", "accepted"),
        ("Petit Studio", "pending"),
        ("Halden", "rejected"),
    ]
    assert ask.of(None).get(f"workspace-group-members/{members[1]['id']}").json() == members[1]
    assert members[0]["sub_workspace_id"] == ask.get("workspaces/current").json()["id"]
    assert members[0]["admin_workspace_id"] == ask.of(None).get("workspaces/current").json()["id"]


def test_who_leads_no_group_is_refused_or_has_an_empty_one(ask: Asking) -> None:
    assert ask.by("tidal").get("workspace-group-members").status_code == 403
    ask.switch(not_an_admin=0)
    assert ask.by("tidal").get("workspace-group-members").json() == {"items": []}


def test_a_sub_workspace_knows_its_leader(ask: Asking) -> None:
    told = ask.get("workspace-group-members/admin").json()
    assert (told["workspace_name"], told["has_admin_workspace"]) == ("Harbour Agency", True)
    assert ask.of(None).get(f"workspace-group-members/{told['workspace_group_member_id']}").status_code == 200
    alone = ask.by("tidal").get("workspace-group-members/admin").json()
    assert alone == {"workspace_name": "Undefined", "has_admin_workspace": False}


@pytest.mark.parametrize("workspace", ["petit", "halden", "tidal"])
def test_only_accepted_members_can_be_acted_for(ask: Asking, workspace: str) -> None:
    assert refusal(ask.of(workspace).get("accounts"))[0] == 401
    ask.switch(foreign_workspace=403)
    assert refusal(ask.of(workspace).get("accounts"))[0] == 403


def test_an_unknown_workspace_and_a_key_that_leads_none(ask: Asking) -> None:
    unknown = {**ask.headers, "x-as-workspace": UNKNOWN}
    assert ask.client.get("/api/v2/accounts", headers=unknown).status_code == 401
    other = {**ask.by("tidal").headers, "x-as-workspace": ask.box.instantly.workspace("northwind").id}
    assert ask.client.get("/api/v2/accounts", headers=other).status_code == 401


def test_membership_changes_meanwhile(ask: Asking) -> None:
    ask.change(members={"petit": "accepted", "northwind": "rejected", "halden": None})
    assert ask.of("petit").get("accounts").status_code == 200
    assert ask.get("accounts").status_code == 401
    assert len(ask.of(None).every("workspace-group-members")) == 3


def test_a_plan_is_lost_meanwhile(ask: Asking) -> None:
    assert ask.get("inbox-placement-tests").status_code == 200
    ask.change(placement_plan=None)
    assert ask.get("inbox-placement-tests").status_code == 402
    assert "plan_id_inbox_placement" not in ask.get("workspaces/current").json()


@pytest.mark.parametrize(("method", "path"), [("GET", "nothing"), ("PUT", "accounts"), ("GET", "accounts/a/b"), ("GET", "")])
def test_unknown_routes(ask: Asking, method: str, path: str) -> None:
    assert refusal(ask.send(method, path)) == (404, "Not Found", f"Route {method}:/api/v2/{path} not found")


def test_unknown_parameters_are_ignored(ask: Asking) -> None:
    assert ask.get("campaigns", include_tags="true", colour="red").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "accounts/news%40northwind.example/resume"), ("DELETE", f"inbox-placement-tests/{UNKNOWN}")],
)
def test_a_json_type_without_a_body(ask: Asking, method: str, path: str) -> None:
    headers = {**ask.headers, "Content-Type": "application/json"}
    response = ask.client.request(method, f"/api/v2/{path}", headers=headers)
    assert refusal(response)[0] == 400
    assert response.json()["code"] == "FST_ERR_CTP_EMPTY_JSON_BODY"
    assert ask.send(method, path).status_code != 400


def test_a_body_without_its_type(ask: Asking) -> None:
    response = ask.client.post("/api/v2/accounts/pause", headers=ask.headers, content=b"{}")
    assert response.status_code == 415


def test_the_log_names_key_and_workspace_and_never_the_key_itself(ask: Asking) -> None:
    ask.get("accounts")
    ask.by("tidal").get("campaigns")
    ask.client.get("/api/v2/accounts", headers={"Authorization": "Bearer a key of nobody"})
    response = ask.control("GET", "requests")
    told = [(one["path"], one["account"], one["had_key"], one["status"]) for one in response.json()["requests"]]
    assert told == [
        ("/api/v2/accounts", "agency/northwind", True, 200),
        ("/api/v2/campaigns", "tidal", True, 200),
        ("/api/v2/accounts", None, True, 401),
    ]
    assert ask.box.instantly.key("agency") not in response.text
    assert "a key of nobody" not in response.text


def test_the_documented_keys_are_the_keys(ask: Asking) -> None:
    from sandbox.instantly import cast

    accounts = ask.control("GET", "accounts").json()["accounts"]
    names = ["agency", "readonly", "tidal", "noplacement", "noplan", "lapsed", "revoked"]
    assert [account["name"] for account in accounts] == names
    for account in accounts:
        assert f"`{account['key']}`" in (cast.__doc__ or "")
        assert account["key"].startswith("sandbox-instantly-")
        assert len(account["story"]) > 30


def test_good_answers_have_no_error_in_them(ask: Asking, client: httpx.Client) -> None:
    for path in ("accounts", "campaigns", "inbox-placement-tests", "workspaces/current", "custom-tags"):
        assert "error" not in ask.get(path).json()
