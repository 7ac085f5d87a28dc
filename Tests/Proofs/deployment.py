"""The deployment files as their readers read them: compose.yaml, the Kubernetes manifests, and what KEDA scales.

    environment.sh deployment.py

compose.yaml is read by an implementation of the Compose Specification that takes no unknown key. The manifests are held
against the strict JSON schemas of Kubernetes; the resources of KEDA against the fields that its definitions have
(keda.sh/v1alpha1), stated below. Beyond grammar: names that one file uses are made by another, nothing is published
beyond this machine, containers stay as restricted as they are meant to be.

Each check is shown to work: a file with a mistake in it must be refused. Prints a table and leaves it in
.reports/deployment.txt.
"""

import copy
import json
import re
import sys

import jsonschema
import kubernetes_validate
import yaml
from compose_spec import PyCompose

import common

COMPOSE = common.ROOT / "docker/compose.yaml"
KUBERNETES = common.ROOT / "docker/kubernetes"

TEXT, WHOLE = {"type": "string"}, {"type": "integer", "minimum": 0}


def record(required, **fields):
    """An object with these fields and no others."""
    return {
        "type": "object", "properties": fields, "additionalProperties": False,
        "required": required}


def rows(item):
    return {"type": "array", "items": item, "minItems": 1}


# Kubernetes bounds: a policy's period to half an hour, the stabilisation window to an hour.
SCALING_RULES = record(
    [], selectPolicy={"enum": ["Max", "Min", "Disabled"]},
    stabilizationWindowSeconds={"type": "integer", "minimum": 0, "maximum": 3600},
    policies=rows(record(
        ["type", "value", "periodSeconds"], type={"enum": ["Pods", "Percent"]},
        value={"type": "integer", "minimum": 1}, periodSeconds={"type": "integer", "minimum": 1, "maximum": 1800})))

# The fields of a trigger's metadata that the scaler for RabbitMQ reads; all are texts.
RABBITMQ_TRIGGER = {
    "type": "object", "additionalProperties": False, "required": ["queueName", "mode", "value"],
    "properties": {
        "queueName": TEXT, "mode": {"enum": ["QueueLength", "MessageRate", "DeliverGetRate", "PublishedToDeliveredRatio"]},
        "protocol": {"enum": ["auto", "amqp", "http"]}, "value": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"},
        "activationValue": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}, "vhostName": TEXT, "hostFromEnv": TEXT,
        "excludeUnacknowledged": {"enum": ["true", "false"]}, "unsafeSsl": {"enum": ["true", "false"]}}}

METADATA = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}

KEDA = {
    "ScaledObject": record(
        ["apiVersion", "kind", "metadata", "spec"], apiVersion={"const": "keda.sh/v1alpha1"},
        kind={"const": "ScaledObject"}, metadata=METADATA,
        spec=record(
            ["scaleTargetRef", "triggers"],
            scaleTargetRef=record(["name"], name=TEXT, apiVersion=TEXT, kind=TEXT, envSourceContainerName=TEXT),
            pollingInterval=WHOLE, cooldownPeriod=WHOLE, initialCooldownPeriod=WHOLE, idleReplicaCount=WHOLE,
            minReplicaCount=WHOLE, maxReplicaCount=WHOLE,
            fallback=record(["failureThreshold", "replicas"], failureThreshold=WHOLE, replicas=WHOLE, behavior=TEXT),
            advanced=record(
                [], restoreToOriginalReplicaCount={"type": "boolean"},
                horizontalPodAutoscalerConfig=record(
                    [], name=TEXT, behavior=record([], scaleUp=SCALING_RULES, scaleDown=SCALING_RULES)),
                scalingModifiers={"type": "object"}),
            triggers=rows(record(
                ["type", "metadata"], type={"const": "rabbitmq"}, name=TEXT, metadata=RABBITMQ_TRIGGER,
                authenticationRef=record(["name"], name=TEXT, kind={"enum": [
                    "TriggerAuthentication", "ClusterTriggerAuthentication"]}),
                useCachedMetrics={"type": "boolean"}, metricType={"enum": ["AverageValue", "Value", "Utilization"]})))),
    "TriggerAuthentication": record(
        ["apiVersion", "kind", "metadata", "spec"], apiVersion={"const": "keda.sh/v1alpha1"},
        kind={"const": "TriggerAuthentication"}, metadata=METADATA,
        spec=record(
            ["secretTargetRef"],
            secretTargetRef=rows(record(["parameter", "name", "key"], parameter=TEXT, name=TEXT, key=TEXT)))),
}


# MARK: Compose

def compose_problems(document):
    try:
        PyCompose.from_json(json.dumps(document))
    except ValueError as error:
        return [str(error)]
    problems, services = [], document["services"]
    for name, service in services.items():
        problems += [f"{name}: {problem}" for problem in service_problems(service, document)]
    return problems


def service_problems(service, document):
    for other in service.get("depends_on", {}):
        target = document["services"].get(other)
        if target is None:
            yield f"depends on {other}, which is no service"
        elif service["depends_on"][other]["condition"] == "service_healthy" and "healthcheck" not in target:
            yield f"waits until {other} is healthy, which has no health check"
    for port in service.get("ports", []):
        if not str(port).startswith("127.0.0.1:"):
            yield f"publishes {port} beyond this machine"
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("."):
            if not (COMPOSE.parent / source).exists():
                yield f"mounts {source}, which is not there"
        elif source not in document.get("volumes", {}):
            yield f"uses the volume {source}, which is not declared"
    if "build" in service:
        stages = re.findall(r"^FROM .* AS (\S+)$", (common.ROOT / service["build"]["dockerfile"]).read_text(), re.M)
        if service["build"]["target"] not in stages:
            yield f"is built from the stage {service['build']['target']}, which is not in the Dockerfile"
    elif not re.search(r":[0-9a-z][0-9a-z.-]*$", service["image"]) or service["image"].endswith(":latest"):
        yield f"takes {service['image']} without a version"
    if "rabbitmq" not in service["image"]:
        if not service.get("read_only") or service.get("cap_drop") != ["ALL"]:
            yield "may write to its root, or keeps capabilities"


# MARK: Kubernetes

def kubernetes_problems(documents):
    problems = []
    for document in documents:
        kind = document.get("kind")
        if kind in KEDA:
            validator = jsonschema.Draft202012Validator(KEDA[kind])
            problems += [f"{kind}: {error.json_path}: {error.message}" for error in validator.iter_errors(document)]
            continue
        try:
            kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
        except kubernetes_validate.ValidationError as error:
            problems.append(f"{kind}: {error.message}")
        except kubernetes_validate.SchemaNotFoundError:
            problems.append(f"{kind}: there is no such kind in {document.get('apiVersion')}")
    return problems or reference_problems({document["kind"]: document for document in documents})


def reference_problems(by_kind):
    """What one resource says of another must be so."""
    deployment, scaled = by_kind["Deployment"], by_kind["ScaledObject"]
    pod = deployment["spec"]["template"]
    labels = pod["metadata"]["labels"].items()
    selectors = [
        ("Deployment", deployment["spec"]["selector"]["matchLabels"]),
        ("PodDisruptionBudget", by_kind["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]),
        ("NetworkPolicy", by_kind["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"])]
    problems = [f"{kind} selects no relay" for kind, wanted in selectors if not wanted.items() <= labels]
    container, = pod["spec"]["containers"]
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    if mounts != set(volumes):
        return problems + [f"mounts are {sorted(mounts)}, volumes {sorted(volumes)}"]
    if volumes["config"]["configMap"]["name"] != by_kind["ConfigMap"]["metadata"]["name"]:
        problems.append("the configuration is mounted from another ConfigMap")
    ports = {port["name"] for port in container["ports"]}
    probed = {container[probe]["httpGet"]["port"] for probe in ["livenessProbe", "readinessProbe"]}
    if not probed <= ports:
        problems.append(f"probes ask the ports {sorted(probed)}, there are {sorted(ports)}")
    if container["livenessProbe"]["httpGet"]["path"] != "/livez":
        problems.append("the liveness probe would restart relays whose broker is away")
    restricted = container["securityContext"]
    if restricted["allowPrivilegeEscalation"] or not restricted["readOnlyRootFilesystem"]:
        problems.append("the container may do more than it needs")
    if scaled["spec"]["scaleTargetRef"]["name"] != deployment["metadata"]["name"]:
        problems.append("KEDA scales something else")
    if scaled["spec"]["minReplicaCount"] > scaled["spec"]["maxReplicaCount"]:
        problems.append("KEDA has no number to choose from")
    authentication = by_kind["TriggerAuthentication"]
    trigger, = scaled["spec"]["triggers"]
    if trigger["authenticationRef"]["name"] != authentication["metadata"]["name"]:
        problems.append("the trigger logs in with another TriggerAuthentication")
    secret = volumes["secrets"]["secret"]["secretName"]
    files = {pathname.rsplit("/", 1)[1] for pathname in (
        variable["value"] for variable in container["env"] if variable["name"].endswith("_FILE"))}
    for reference in authentication["spec"]["secretTargetRef"]:
        if reference["name"] != secret or reference["key"] not in files:
            problems.append(f"KEDA reads {reference['key']} of the secret {reference['name']}, relays do not")
    return problems


# MARK: Mistakes

def changed(document, path, value):
    """A copy with one value replaced, or taken out when it is None."""
    copied = copy.deepcopy(document)
    place = copied
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copied


COMPOSE_MISTAKES = [
    (("services", "relay", "stop_grace_perio"), "45s"), (("services", "relay", "deploy", "replicas"), "many"),
    (("services", "relay", "mem_limit"), [1]), (("services", "rabbitmq", "healthcheck", "intervall"), "5s"),
    (("services", "relay", "depends_on", "rabbitmq", "condition"), "service_helthy"),
    (("services", "relay", "depends_on"), {"rabbit": {"condition": "service_started"}}),
    (("services", "rabbitmq", "healthcheck"), None), (("services", "grafana", "ports"), ["3000:3000"]),
    (("services", "console", "volumes"), ["pages:/var/lib"]), (("services", "prometheus", "volumes"), ["./prom:/etc"]),
    (("services", "relay", "build", "target"), "relais"), (("services", "valkey", "image"), "valkey/valkey:latest"),
    (("services", "sandbox", "read_only"), False), (("service",), {})]

# Positions of the resources in relay.yaml and scaling.yaml.
DEPLOYMENT, BUDGET, POLICY, AUTHENTICATION, SCALED = 1, 2, 3, 4, 5
POD = (DEPLOYMENT, "spec", "template", "spec")
KUBERNETES_MISTAKES = [
    (POD + ("containers", 0, "livenesProbe"), {}), (POD + ("terminationGracePeriodSeconds",), "45s"),
    (POD + ("containers", 0, "ports", 0, "containerPort"), "http"), ((DEPLOYMENT, "spec", "selector"), None),
    (POD + ("containers", 0, "livenessProbe", "httpGet", "path"), "/readyz"),
    (POD + ("containers", 0, "readinessProbe", "httpGet", "port"), "web"),
    (POD + ("volumes", 0, "configMap", "name"), "other"), (POD + ("volumes", 1, "name"), "other"),
    (POD + ("containers", 0, "securityContext", "readOnlyRootFilesystem"), False),
    ((DEPLOYMENT, "apiVersion"), "apps/v1beta9"), ((BUDGET, "spec", "maxUnavailable"), [1]),
    ((BUDGET, "spec", "selector", "matchLabels"), {"app.kubernetes.io/name": "other"}),
    ((POLICY, "spec", "policyTypes"), "Ingress"), ((AUTHENTICATION, "spec", "secretTargetRef", 0, "key"), "url"),
    ((AUTHENTICATION, "spec", "secretTargetRef", 0, "parameter"), None),
    ((SCALED, "spec", "maxReplicas"), 9), ((SCALED, "spec", "maxReplicaCount"), "9"),
    ((SCALED, "spec", "maxReplicaCount"), 1), ((SCALED, "spec", "scaleTargetRef", "name"), "other"),
    ((SCALED, "spec", "triggers", 0, "metadata", "value"), 1500),
    ((SCALED, "spec", "triggers", 0, "metadata", "queueLength"), "5"),
    ((SCALED, "spec", "triggers", 0, "metadata", "mode"), "Queue"),
    ((SCALED, "spec", "triggers", 0, "authenticationRef", "name"), "other"),
    ((SCALED, "spec", "advanced", "horizontalPodAutoscalerConfig", "behavior", "scaleUp", "policies", 0, "periodSeconds"),
     3600)]


def main():
    failures = []
    lines = [f"{'what':<44}{'checked':>9}{'mistakes refused':>19}"]
    compose = yaml.safe_load(COMPOSE.read_text())
    manifests = [
        document for name in ["relay.yaml", "scaling.yaml"]
        for document in yaml.safe_load_all((KUBERNETES / name).read_text())]
    for name, count, document, check, mistakes in [
        ("compose.yaml, Compose Specification", len(compose["services"]), compose, compose_problems, COMPOSE_MISTAKES),
        (f"Kubernetes {kubernetes_validate.latest_version()} (strict), KEDA", len(manifests), manifests,
         kubernetes_problems, KUBERNETES_MISTAKES),
    ]:
        failures += check(document)
        overlooked = [path for path, value in mistakes if not check(changed(document, path, value))]
        failures += [f"a mistake at {'.'.join(map(str, path))} was not seen" for path in overlooked]
        lines.append(f"{name:<44}{count:>9}{f'{len(mistakes) - len(overlooked)} of {len(mistakes)}':>19}")
    sys.exit(common.report("deployment", lines, failures))


main()
