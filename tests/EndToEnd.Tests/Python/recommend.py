"""Asks a running engine for recommendations, knowing nothing but its address: the contract comes from gRPC reflection.

usage: recommend.py HOST:PORT USER_ID TOP_K
Prints the services, then one line "RANK<TAB>PRODUCT<TAB>SCORE" for each product.
"""

import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"


def reflection_messages():
    """The few messages of grpc.reflection.v1alpha that a client needs, built by hand."""
    text, data, message = 9, 12, 11
    optional, repeated = 1, 3
    file = descriptor_pb2.FileDescriptorProto(
        name="reflection.proto", package="grpc.reflection.v1alpha", syntax="proto3")

    def add(name, *fields):
        described = file.message_type.add(name=name)
        for field, number, kind, label, type_name in fields:
            described.field.add(name=field, number=number, type=kind, label=label, type_name=type_name)

    add("ServerReflectionRequest",
        ("host", 1, text, optional, None),
        ("file_containing_symbol", 4, text, optional, None),
        ("list_services", 7, text, optional, None))
    add("FileDescriptorResponse", ("file_descriptor_proto", 1, data, repeated, None))
    add("ServiceResponse", ("name", 1, text, optional, None))
    add("ListServiceResponse", ("service", 1, message, repeated, ".grpc.reflection.v1alpha.ServiceResponse"))
    add("ServerReflectionResponse",
        ("file_descriptor_response", 4, message, optional, ".grpc.reflection.v1alpha.FileDescriptorResponse"),
        ("list_services_response", 6, message, optional, ".grpc.reflection.v1alpha.ListServiceResponse"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)

    def of(name):
        return factory.GetPrototype(pool.FindMessageTypeByName("grpc.reflection.v1alpha." + name))

    return of("ServerReflectionRequest"), of("ServerReflectionResponse")


class Reflection:
    """Asks the server what it offers."""

    def __init__(self, channel):
        self._request, reply = reflection_messages()
        self._call = channel.stream_stream(
            REFLECTION, request_serializer=self._request.SerializeToString, response_deserializer=reply.FromString)

    def services(self):
        reply = self._ask(self._request(list_services="*"))
        return [service.name for service in reply.list_services_response.service]

    def files(self, symbol):
        """The file that defines the symbol, and all that it imports."""
        reply = self._ask(self._request(file_containing_symbol=symbol))
        return [descriptor_pb2.FileDescriptorProto.FromString(data)
                for data in reply.file_descriptor_response.file_descriptor_proto]

    def _ask(self, request):
        return next(iter(self._call(iter([request]), timeout=30)))


def message_types(files, service, method):
    """The classes of a method's request and reply."""
    pool = descriptor_pool.DescriptorPool()
    waiting = {file.name: file for file in files}

    def load(name):
        file = waiting.pop(name, None)
        if file is not None:
            for dependency in file.dependency:
                load(dependency)
            pool.Add(file)

    for name in list(waiting):
        load(name)
    found = pool.FindServiceByName(service).FindMethodByName(method)
    factory = message_factory.MessageFactory(pool)
    return factory.GetPrototype(found.input_type), factory.GetPrototype(found.output_type)


def main(target, user, top_k):
    with grpc.insecure_channel(target) as channel:
        reflection = Reflection(channel)
        print("services: " + ", ".join(sorted(reflection.services())))
        request, reply = message_types(reflection.files("engine.v1.Recommender"), "engine.v1.Recommender", "Recommend")
        recommend = channel.unary_unary(
            "/engine.v1.Recommender/Recommend",
            request_serializer=request.SerializeToString, response_deserializer=reply.FromString)
        answer = recommend(request(user_id=user, top_k=int(top_k)), timeout=30)
        for product in answer.products:
            print(f"{product.rank}\t{product.product_id}\t{product.score!r}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
