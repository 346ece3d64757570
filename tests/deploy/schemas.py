"""What the manifests may hold, written from the documentation of their makers.

Unknown keys are errors: Kubernetes drops them and Compose refuses them.
"""


def fields(required, **optional):
    """An object of these keys and no others."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": [*required],
        "additionalProperties": False,
    }


def texts(**constraints):
    return {"type": "array", "items": {"type": "string", **constraints}}


def constant(value):
    return {"const": value}


TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 1}
SECONDS = {"type": "string", "pattern": r"^[1-9]\d*s$"}
# RFC 1035, as Kubernetes wants the name of a service.
DNS_NAME = {"type": "string", "pattern": r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"}
QUANTITY = {"type": "string", "pattern": r"^[1-9]\d*(m|[KMGT]i)?$"}
AMOUNTS = fields({}, cpu=QUANTITY, memory=QUANTITY)

COMPOSE = fields(
    {
        "services": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": fields(
                {"image": TEXT},
                command=texts(),
                ports=texts(pattern=r"^(\d+\.){3}\d+:\d+:\d+$"),
                volumes={
                    "type": "array",
                    "items": fields(
                        {"type": constant("bind"), "source": TEXT, "target": TEXT},
                        read_only={"type": "boolean"},
                    ),
                },
                healthcheck=fields(
                    {"test": texts()}, interval=SECONDS, timeout=SECONDS, retries=COUNT
                ),
                user={"type": "string", "pattern": r"^\d+:\d+$"},
                cap_drop=texts(),
                security_opt=texts(),
                mem_limit={"type": "string", "pattern": r"^\d+[kmg]$"},
                restart={"enum": ["no", "always", "on-failure", "unless-stopped"]},
            ),
        }
    },
    name={"type": "string", "pattern": r"^[a-z0-9][a-z0-9_-]*$"},
)

INFERENCE_SERVICE = fields(
    {
        "apiVersion": constant("serving.kserve.io/v1beta1"),
        "kind": constant("InferenceService"),
        "metadata": fields({"name": DNS_NAME}),
        "spec": fields(
            {
                "predictor": fields(
                    {
                        "model": fields(
                            {
                                "modelFormat": fields({"name": TEXT}, version=TEXT),
                                "storageUri": {
                                    "type": "string",
                                    "pattern": r"^(pvc|s3|gs|hdfs|https)://[^/]+/.+[^/]$",
                                },
                            },
                            runtime=DNS_NAME,
                            runtimeVersion=TEXT,
                            protocolVersion={
                                "enum": ["v1", "v2", "grpc-v1", "grpc-v2"]
                            },
                            resources=fields({}, requests=AMOUNTS, limits=AMOUNTS),
                        )
                    },
                    minReplicas={"type": "integer", "minimum": 0},
                    maxReplicas=COUNT,
                    scaleMetric={"enum": ["cpu", "memory", "concurrency", "rps"]},
                    scaleTarget=COUNT,
                    timeout=COUNT,
                )
            }
        ),
    }
)

VOLUME_CLAIM = fields(
    {
        "apiVersion": constant("v1"),
        "kind": constant("PersistentVolumeClaim"),
        "metadata": fields({"name": DNS_NAME}),
        "spec": fields(
            {
                "accessModes": texts(
                    enum=["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"]
                ),
                "resources": fields({"requests": fields({"storage": QUANTITY})}),
            },
        ),
    }
)

# Messages of TensorFlow Serving's session_bundle_config.proto: name to number and type.
BATCHING_PARAMETERS = {
    "max_batch_size": (1, "google.protobuf.Int64Value"),
    "batch_timeout_micros": (2, "google.protobuf.Int64Value"),
    "max_enqueued_batches": (3, "google.protobuf.Int64Value"),
    "num_batch_threads": (4, "google.protobuf.Int64Value"),
    "thread_pool_name": (5, "google.protobuf.StringValue"),
    "pad_variable_length_inputs": (7, None),
}
