"""The pretend Cloudflare's Pages: projects with two environments, and deployments that take what is stored then."""

from __future__ import annotations

from rotate.sandbox.clock import Clock
from rotate.sandbox.cloudflare.answers import found, given, iso, paged
from rotate.sandbox.cloudflare.state import Config, Deployment, Project, Variable
from rotate.sandbox.exchange import Call, Json, RefusalError, Reply

OF_CONFIG: dict[str, Json] = {
    "always_use_latest_compatibility_date": False,
    "build_image_major_version": 3,
    "compatibility_date": "2026-01-01",
    "compatibility_flags": [],
    "fail_open": False,
    "usage_model": "standard",
}
OF_PROJECT: dict[str, Json] = {
    "framework": "",
    "framework_version": "",
    "preview_script_name": "pages-preview",
    "production_branch": "main",
    "production_script_name": "pages-production",
}
TRIGGER: dict[str, Json] = {"branch": "main", "commit_dirty": False, "commit_hash": "0" * 40, "commit_message": "A"}


class Pages:
    """`all`: by the name of the project."""

    def __init__(self, clock: Clock) -> None:
        """Start without any."""
        self.all: dict[str, Project] = {}
        self._clock = clock

    def projects(self, call: Call[str]) -> Reply:
        """Show the projects."""
        return paged(call, [self._shape(one) for one in self.all.values()])

    def project(self, call: Call[str]) -> Reply:
        """Show a project."""
        return given(self._shape(self._project(call)))

    def edit(self, call: Call[str]) -> Reply:
        """Change what is sent; the hash of the Wrangler file is gone where it is not sent along."""
        project, sent = self._project(call), call.document().get("deployment_configs")
        for name, part in sent.items() if isinstance(sent, dict) else ():
            config = project.configs.get(name)
            if config is None or not isinstance(part, dict):
                raise RefusalError(400, "8000022 Invalid deployment_configs")
            variables, file = part.get("env_vars"), part.get("wrangler_config_hash")
            config.file = file if isinstance(file, str) else None
            for key, new in variables.items() if isinstance(variables, dict) else ():
                if isinstance(new, dict):
                    config.variables[key] = Variable(str(new["value"]), str(new["type"]))
                else:
                    config.variables.pop(key, None)
        return given(self._shape(project))

    def listed(self, call: Call[str]) -> Reply:
        """Show the deployments of one environment, or of both."""
        project, wanted = self._project(call), call.request.query.get("env")
        shown = [one for one in project.deployments if wanted in (None, one.environment)]
        return paged(call, [self._deployed(project, one) for one in shown])

    def deploy(self, call: Call[str]) -> Reply:
        """Build the head of the production branch with what is stored."""
        project = self._project(call)
        if not project.git:
            raise RefusalError(400, "8000096 A 'manifest' field was expected in the request body but was not provided.")
        status = project.ends.pop(0) if len(project.ends) > 1 else project.ends[0]
        new = project.deploy("production", self._clock.now(), status)
        return given(self._deployed(project, new))

    def deployment(self, call: Call[str]) -> Reply:
        """Show one deployment."""
        project, number = self._project(call), call.params["id"]
        one = next((one for one in project.deployments if one.number == number), None)
        return given(self._deployed(project, found(one, "8000009 The deployment ID does not exist.")))

    def _project(self, call: Call[str]) -> Project:
        return found(self.all.get(call.params["project"]), "8000007 Project not found.")

    def _shape(self, project: Project) -> dict[str, Json]:
        configs: dict[str, Json] = {name: _config(one) for name, one in project.configs.items()}
        told: dict[str, Json] = {"id": project.name, "name": project.name, "created_on": iso(self._clock.now())}
        source: dict[str, Json] = {"source": _source()} if project.git else {}
        return {**told, **OF_PROJECT, "deployment_configs": configs, **source}

    def _deployed(self, project: Project, one: Deployment) -> dict[str, Json]:
        stage: dict[str, Json] = {"name": one.stage, "status": one.status, "started_on": iso(one.at), "ended_on": None}
        times: dict[str, Json] = {"created_on": iso(one.at), "modified_on": iso(one.at)}
        skipped: dict[str, Json] = {"is_skipped": bool(one.skipped)}
        if one.skipped:
            skipped["skip_reason"] = one.skipped
        return {
            "id": one.number,
            "short_id": one.number[:8],
            "environment": one.environment,
            "project_id": project.name,
            "project_name": project.name,
            "url": f"https://{one.number[:8]}.{project.name}.pages.dev",
            "build_config": {"web_analytics_tag": None, "web_analytics_token": None},
            "deployment_trigger": {"type": "ad_hoc", "metadata": TRIGGER},
            "source": _source(),
            "latest_stage": stage,
            "stages": [stage],
            **times,
            **skipped,
        }


def _config(one: Config) -> dict[str, Json]:
    variables: dict[str, Json] = {name: each.shape for name, each in one.variables.items()}
    spaces: dict[str, Json] = {name: {"namespace_id": number} for name, number in one.kv.items()}
    file: dict[str, Json] = {"wrangler_config_hash": one.file} if one.file else {}
    return {**OF_CONFIG, "env_vars": variables or None, "kv_namespaces": spaces, **file}


def _source() -> dict[str, Json]:
    patterns = ("path_excludes", "path_includes", "preview_branch_excludes", "preview_branch_includes")
    switches = ("deployments_enabled", "pr_comments_enabled", "production_deployments_enabled")
    config: dict[str, Json] = {
        **{name: [] for name in patterns},
        **dict.fromkeys(switches, True),
        "owner": "octo",
        "owner_id": "1",
        "repo_id": "1",
        "repo_name": "shop",
        "production_branch": "main",
        "preview_deployment_setting": "all",
    }
    return {"type": "github", "config": config}
