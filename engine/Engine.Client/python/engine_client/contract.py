"""The contract engine.v1, from the descriptors that the package was built with."""

import re
from pathlib import Path
from types import SimpleNamespace

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal import enum_type_wrapper

_POOL = descriptor_pool.DescriptorPool()
_LEVELS = descriptor_pb2.MethodOptions.IdempotencyLevel.Value


class Method:
    """One call: its path, its messages, and whether it may be sent more than once."""

    def __init__(self, described, streams_requests, streams_replies):
        self.path = f"/{described.containing_service.full_name}/{described.name}"
        self.request = _class_of(described.input_type)
        self.reply = _class_of(described.output_type)
        self.streams_requests = streams_requests
        self.streams_replies = streams_replies
        level = described.GetOptions().idempotency_level
        self.is_read = level == _LEVELS("NO_SIDE_EFFECTS")
        self.is_safe = self.is_read or level == _LEVELS("IDEMPOTENT")


def snake_case(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _class_of(described):
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(described)
    return message_factory.MessageFactory(_POOL).GetPrototype(described)


def _load():
    files = descriptor_pb2.FileDescriptorSet.FromString((Path(__file__).parent / "contract.binpb").read_bytes())
    for file in files.file:
        _POOL.Add(file)
    found, services = SimpleNamespace(), {}
    for file in files.file:
        described = _POOL.FindFileByName(file.name)
        for name, message in described.message_types_by_name.items():
            setattr(found, name, _class_of(message))
        for name, enum in described.enum_types_by_name.items():
            setattr(found, name, enum_type_wrapper.EnumTypeWrapper(enum))
        for service in file.service:
            methods = described.services_by_name[service.name].methods_by_name
            services[snake_case(service.name)] = {
                snake_case(method.name): Method(
                    methods[method.name], method.client_streaming, method.server_streaming)
                for method in service.method
            }
    return found, services


messages, SERVICES = _load()
