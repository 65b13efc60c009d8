"""The double of the W&B server with a memory: it takes artifacts and views, and gives its runs back."""

from __future__ import annotations

import itertools
import json
from typing import Any

from wandb_double import Double


class Archive(Double):
    """What the public API of the client asks for; `views` are the workspaces and reports that were saved."""

    def __init__(self) -> None:
        self.views: list[dict[str, Any]] = []
        self.artifacts: dict[str, str] = {}  # collection -> state
        self.numbers = itertools.count(1)
        super().__init__()

    def answer(self, operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        known = {
            "CreateArtifact": self.create_artifact,
            "CreateArtifactManifest": self.manifest,
            "CreateArtifactFiles": self.artifact_files,
            "CommitArtifact": self.commit,
            "UpsertView2": self.upsert_view,
            "upsertView": self.upsert_view,
            "ProjectInternalId": self.project_id,
            "GetDefaultEntity": self.viewer,
            "GetProjects": self.projects,
            "Runs": self.give_runs,
            "RunFullHistory": self.give_history,
        }
        return known[operation](variables) if operation in known else super().answer(operation, variables)

    def create_artifact(self, variables: dict[str, Any]) -> dict[str, Any]:
        name = variables["input"]["artifactCollectionName"]
        self.artifacts[name] = "PENDING"
        return {"createArtifact": {"artifact": {"id": name, "state": "PENDING", "artifactSequence": None}}}

    def manifest(self, variables: dict[str, Any]) -> dict[str, Any]:
        url = f"{self.url}/storage/{variables['artifactID']}/manifest.json"
        file = {"id": "f1", "uploadUrl": url, "uploadHeaders": []}
        return {"createArtifactManifest": {"artifactManifest": {"id": "m1", "file": file}}}

    def artifact_files(self, variables: dict[str, Any]) -> dict[str, Any]:
        nodes = [
            {
                "storagePath": file["name"],
                "uploadUrl": f"{self.url}/storage/{file['artifactID']}/{file['name']}",
                "uploadHeaders": [],
                "uploadMultipartUrls": None,
                "artifact": {"id": file["artifactID"]},
            }
            for file in variables["input"]["artifactFiles"]
        ]
        return {"createArtifactFiles": {"files": {"edges": [{"node": node} for node in nodes]}}}

    def commit(self, variables: dict[str, Any]) -> dict[str, Any]:
        self.artifacts[variables["artifactID"]] = "COMMITTED"
        return {"commitArtifact": {"artifact": {"id": variables["artifactID"], "digest": "d"}}}

    def upsert_view(self, variables: dict[str, Any]) -> dict[str, Any]:
        self.views.append(variables | {"spec": json.loads(variables["spec"])})
        view = {"id": f"view{next(self.numbers)}", "name": variables["name"], "displayName": "", "description": ""}
        return {"upsertView": {"view": view | {"spec": variables["spec"], "project": {}}, "inserted": True}}

    def project_id(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"project": {"id": "p1", "internalId": "p1"}}

    def projects(self, variables: dict[str, Any]) -> dict[str, Any]:
        named = {"__typename": "Project", "createdAt": "2026-11-23T20:00:00", "isBenchmark": False, "user": None}
        names = ["ablate-mnist", "our-vit", "theirs"]
        nodes = [named | {"id": name, "name": name, "entityName": variables["entity"]} for name in names]
        page = {"__typename": "PageInfo", "endCursor": None, "hasNextPage": False}
        return {"models": {"pageInfo": page, "edges": [{"node": node} for node in nodes]}}

    def give_runs(self, variables: dict[str, Any]) -> dict[str, Any]:
        group = json.loads(variables["filters"]).get("group")
        names = [name for name, run in self.runs.items() if run.fields.get("groupName") == group]
        edges = [{"node": self.node(name), "cursor": name} for name in names]
        page = {"endCursor": None, "hasNextPage": False}
        runs = {"edges": edges, "pageInfo": page}
        return {"project": {"internalId": "p1", "runCount": len(edges), "readOnly": False, "runs": runs}}

    def node(self, name: str) -> dict[str, Any]:
        run = self.runs[name]
        states = {None: "running", 0: "finished"}
        return {
            "projectId": "1",
            "id": name,
            "name": name,
            "displayName": run.fields["displayName"],
            "tags": run.fields.get("tags", []),
            "sweepName": None,
            "state": states.get(run.exit_code, "failed"),
            "config": run.fields["config"],
            "group": run.fields["groupName"],
            "jobType": run.fields["jobType"],
            "commit": None,
            "readOnly": False,
            "createdAt": "2026-11-23T20:00:00",
            "heartbeatAt": "2026-11-23T20:01:00",
            "description": None,
            "notes": None,
            "systemMetrics": "{}",
            "summaryMetrics": json.dumps(run.summary),
            "historyLineCount": len(run.history),
            "user": {"name": "someone", "username": "someone"},
            "historyKeys": None,
        }

    def give_history(self, variables: dict[str, Any]) -> dict[str, Any]:
        rows = self.runs[variables["name"]].history
        return {"project": {"run": {"history": [json.dumps(row) for row in rows]}}}
