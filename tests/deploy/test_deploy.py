"""The examples in deploy/: what the published schemas allow, with commands, variables, ports and models that there are."""

import json
import re
import shlex
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import kubernetes_validate
import pytest
import yaml

from agentflow import bundled
from agentflow.models.catalog.catalog import load_catalog
from tests.commands import check_command

FOLDER = bundled.ROOT / "deploy"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
KUBERNETES = list(yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text("utf-8")))
KUBERAY = yaml.safe_load((FOLDER / "kuberay.yaml").read_text("utf-8"))["spec"]
KNOWN = set(re.findall(r"`(AGENTFLOW_[A-Z_]+)`", (bundled.ROOT / "docs" / "configuration.md").read_text("utf-8")))


class Container(NamedTuple):
    """`ports` are those by which others reach it."""

    name: str
    words: list[str]
    ports: list[int]
    variables: set[str]
    mounts: list[str]


def of_compose() -> Iterator[Container]:
    for name, service in COMPOSE["services"].items():
        if service["image"] == "agentflow":
            ports = [int(port.rpartition(":")[2]) for port in service.get("ports", [])]
            mounts = [mount.split(":")[1] for mount in service.get("volumes", [])]
            yield Container(name, service["command"], ports, set(service["environment"]), mounts)


def of_kubernetes() -> Iterator[Container]:
    ports = {one["metadata"]["name"]: [port["port"] for port in one["spec"]["ports"]] for one in kinds("Service")}
    secret = set(kinds("Secret")[0]["stringData"])
    for pod in pods():
        for each in [*pod.get("initContainers", []), *pod["containers"]]:
            variables = {variable["name"] for variable in each.get("env", [])} | (
                secret if "envFrom" in each else set()
            )
            mounts = [mount["mountPath"] for mount in each.get("volumeMounts", [])]
            yield Container(each["name"], each["args"], ports.get(each["name"], []), variables, mounts)


def pods() -> list[dict[str, Any]]:
    templates = [one["spec"]["template"] for one in [*kinds("Deployment"), *kinds("StatefulSet")]]
    return [template["spec"] for template in [*templates, *(group["template"] for group in ray_groups())]]


def ray_groups() -> list[dict[str, Any]]:
    return [KUBERAY["headGroupSpec"], *KUBERAY["workerGroupSpecs"]]


def kinds(kind: str) -> list[dict[str, Any]]:
    return [document for document in KUBERNETES if document["kind"] == kind]


CONTAINERS = [one for one in (*of_compose(), *of_kubernetes()) if one.words]  # Ray gives its own their commands


def test_compose_is_what_its_schema_allows() -> None:
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(COMPOSE, json.loads(schema.read_text("utf-8")))


@pytest.mark.parametrize(
    "document", KUBERNETES, ids=lambda document: f"{document['kind']} {document['metadata']['name']}"
)
def test_each_object_is_what_kubernetes_allows(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


def test_the_pods_of_ray_are_what_kubernetes_allows() -> None:
    """The schema of KubeRay's own objects is not to be had; its operator reads no other keys of a group than these."""
    assert set(KUBERAY) == {"headGroupSpec", "workerGroupSpecs"}
    for group in ray_groups():
        template = {
            "apiVersion": "v1",
            "kind": "PodTemplate",
            "metadata": {"name": "ray"},
            "template": group["template"],
        }
        kubernetes_validate.validate(template, kubernetes_validate.latest_version(), strict=True)
        assert set(group) <= {"groupName", "replicas", "minReplicas", "maxReplicas", "rayStartParams", "template"}
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())
        assert group.get("minReplicas", 1) <= group.get("replicas", 1) <= group.get("maxReplicas", 1)


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.name)
def test_each_container_runs_a_command_of_ours_and_listens_where_it_is_asked(container: Container) -> None:
    check_command(shlex.join(["agentflow", *container.words]), container.name)
    assert {name for name in container.variables if name.startswith("AGENTFLOW_")} <= KNOWN
    for port in container.ports:
        assert str(port) == container.words[container.words.index("--port") + 1]
        assert {"--remote", "--plain"} <= set(container.words), "what encrypts stands before them"
    if container.words[0] in ("worker", "api", "ingest"):
        assert {"AGENTFLOW_STORE", "AGENTFLOW_MODELS", "CLUSTER_KEY"} <= container.variables
        assert {"/work", "/work/papers"} <= set(container.mounts)


@pytest.mark.parametrize(
    "text",
    [COMPOSE["configs"]["models"]["content"], kinds("ConfigMap")[0]["data"]["models.yaml"]],
    ids=["compose", "kubernetes"],
)
def test_the_models_are_served_by_the_model_servers(text: str, tmp_path: Path) -> None:
    (tmp_path / "models.yaml").write_text(text)
    model = load_catalog([bundled.ROOT / "models.yaml", tmp_path / "models.yaml"]).resolve("default")
    serving = [container for container in CONTAINERS if container.words[0] == "serve"]
    assert all(container.words[1] == model.model for container in serving) and model.api_key_env == "CLUSTER_KEY"
    assert {str(url).rpartition(":")[2] for url in model.url} == {"8101/v1"}
    assert {container.words[container.words.index("--port") + 1] for container in serving} == {"8101"}


def test_every_volume_of_a_pod_is_there() -> None:
    for pod in pods():
        mounted = {
            mount["name"]
            for each in [*pod.get("initContainers", []), *pod["containers"]]
            for mount in each.get("volumeMounts", [])
        }
        assert mounted == {volume["name"] for volume in pod.get("volumes", [])}
