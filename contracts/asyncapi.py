"""The stream as an AsyncAPI 3 document: every topic of `topics.csv` with its key, payload, retention and partitions."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from pydantic import BaseModel, TypeAdapter

from contracts.topics import TOPICS, Topic

Document: TypeAlias = dict[str, Any]
VERSION: Final = "1.0.0"
_BINDING: Final = "0.5.0"
_MS_PER_DAY: Final = 86_400_000
_DESCRIPTION: Final = (
    "Thay đổi của hồ sơ người lao động. Mọi sự kiện là CloudEvents 1.0 dạng JSON; phần định danh được niêm phong.\n\n"
    "Changes of worker records. Every event is a CloudEvents 1.0 envelope in structured JSON; what identifies a person "
    "is sealed. Delivery is at least once and in order per key: of several events of one key the highest `sequence` "
    "counts, and copies are identical byte for byte. Keys are placed by murmur2 over the key's UTF-8, as Kafka's own "
    "Java client does (librdkafka: partitioner=murmur2_random). No topic is compacted. Members that a reader does not "
    "know are to be ignored."
)


def document(payloads: dict[str, type[BaseModel]]) -> Document:
    """`payloads`: the model behind each schema file that `topics.csv` names."""
    messages: Document = {}
    schemas: Document = {}
    for topic in TOPICS:
        model = payloads[topic.schema]
        schemas.update(_schemas(model))
        messages[_identifier(topic)] = _message(topic, model.__name__)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "LGSP Connector: luồng sự kiện / events", "version": VERSION, "description": _DESCRIPTION},
        "channels": {_identifier(topic): _channel(topic) for topic in TOPICS},
        "operations": {f"publish_{_identifier(topic)}": _operation(topic) for topic in TOPICS},
        "components": {"messages": messages, "schemas": schemas},
    }


def _identifier(topic: Topic) -> str:
    return topic.name.replace(".", "_")


def _channel(topic: Topic) -> Document:
    name = _identifier(topic)
    return {
        "address": topic.name,
        "title": topic.meaning_vi,
        "description": topic.meaning_en,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "replicas": topic.replication,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": topic.retention_days * _MS_PER_DAY,
                    "max.message.bytes": topic.record_bytes_max,
                },
                "bindingVersion": _BINDING,
            }
        },
    }


def _operation(topic: Topic) -> Document:
    name = _identifier(topic)
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
    }


def _message(topic: Topic, payload: str) -> Document:
    header = {"type": "string", "const": topic.content_type}
    trace = {"type": "string", "description": "W3C Trace Context, như trong thân / as in the body"}
    replay = {"type": "string", "description": "Chỉ khi phát lại / present only in a replay: which one"}
    return {
        "title": topic.meaning_vi,
        "contentType": topic.content_type.partition(";")[0],
        "headers": {
            "type": "object",
            "properties": {"content-type": header, "traceparent": trace, "replayid": replay},
            "required": ["content-type"],
        },
        "payload": {"$ref": f"#/components/schemas/{payload}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "format": "uuid", "description": topic.key},
                "bindingVersion": _BINDING,
            }
        },
    }


def _schemas(model: type[BaseModel]) -> Document:
    whole = TypeAdapter(model).json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    parts: Document = whole.pop("$defs", {})
    return {model.__name__: whole, **parts}
