using System.Reflection;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Engine.Server.Admission;

/// <summary>
/// Binds the methods of a gRPC service as ASP.NET does, with decoders that look at a message first: see
/// <see cref="BoundedMarshallers"/>.
/// </summary>
internal sealed class BoundedMethods<TService>(BoundedMarshallers bounded) : IServiceMethodProvider<TService>
    where TService : class
{
    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context)
    {
        for (var type = typeof(TService).BaseType; type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>() is { } bind)
            {
                var method = bind.BindType.GetMethod(bind.BindMethodName, [typeof(ServiceBinderBase), type])!;
                method.Invoke(null, [new Binder(context, type, bounded), null]);
                return;
            }
        }
    }

    private sealed class Binder(
        ServiceMethodProviderContext<TService> context, Type declaring, BoundedMarshallers bounded)
        : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
        {
            var (invoke, metadata) = Handler<UnaryServerMethod<TService, TRequest, TResponse>>(
                method.Name, [typeof(TRequest), typeof(ServerCallContext)]);
            context.AddUnaryMethod(Bounded(method), [.. metadata, BoundedMarshallers.TypeOf<TRequest>()], invoke);
        }

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
        {
            var (invoke, metadata) = Handler<ServerStreamingServerMethod<TService, TRequest, TResponse>>(
                method.Name, [typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext)]);
            context.AddServerStreamingMethod(
                Bounded(method), [.. metadata, BoundedMarshallers.TypeOf<TRequest>()], invoke);
        }

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
        {
            var (invoke, metadata) = Handler<DuplexStreamingServerMethod<TService, TRequest, TResponse>>(
                method.Name,
                [
                    typeof(IAsyncStreamReader<TRequest>),
                    typeof(IServerStreamWriter<TResponse>),
                    typeof(ServerCallContext),
                ]);
            context.AddDuplexStreamingMethod(Bounded(method), metadata, invoke);
        }

        private (TDelegate Invoke, List<object> Metadata) Handler<TDelegate>(string name, Type[] parameters)
            where TDelegate : Delegate
        {
            var method = typeof(TService).GetMethod(name, parameters) ?? declaring.GetMethod(name, parameters)!;
            List<object> metadata =
            [
                .. typeof(TService).GetCustomAttributes(inherit: true),
                .. method.GetCustomAttributes(inherit: true),
                new HttpMethodMetadata(["POST"], acceptCorsPreflight: true),
            ];
            return (method.CreateDelegate<TDelegate>(), metadata);
        }

        private Method<TRequest, TResponse> Bounded<TRequest, TResponse>(Method<TRequest, TResponse> method)
            where TRequest : class
            where TResponse : class =>
            new(
                method.Type,
                method.ServiceName,
                method.Name,
                bounded.Of(method.RequestMarshaller, method.FullName),
                method.ResponseMarshaller);
    }
}
