using Engine.Protos.V1;
using Engine.Server.Contract;
using Engine.Server.Replies;
using Engine.Server.Workspaces;
using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Engine.Server.Services;

/// <summary>
/// Recommend over gRPC, the call that a storefront waits for. Its reply is written straight from the mapped snapshot; the
/// endpoint stands before the one of <see cref="RecommenderService"/>, which JSON transcoding describes.
/// </summary>
internal sealed class RecommendEndpoint(WorkspaceRegistry workspaces, TimeProvider time)
{
    /// <summary>Answers into a pooled reply, which the marshaller takes back.</summary>
    public Task<EncodedReply> Recommend(RecommendRequest request)
    {
        var clock = CallClock.Start(time);
        var workspace = workspaces.Get(request.Workspace);
        using var lease = workspace.Acquire(request.SnapshotId);
        var reply = EncodedReply.Rent();
        RecommendCall.Answer(lease.Model, workspace.Catalog, request, clock, reply.WriteWire);
        return reply.Completed;
    }

    /// <summary>Puts the method before the one of the generated service, and only the method: not what answers unknown ones.</summary>
    public static void ComeFirst(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<GrpcMethodMetadata>().Any())
        {
            ((RouteEndpointBuilder)endpoint).Order = -1;
        }
    }

    /// <summary>Binds the method under the name that the contract gives it.</summary>
    internal sealed class Binding : IServiceMethodProvider<RecommendEndpoint>
    {
        private static readonly Method<RecommendRequest, EncodedReply> Method = new(
            MethodType.Unary,
            Recommender.Descriptor.FullName,
            nameof(Recommend),
            Marshallers.Create(
                static (RecommendRequest _, SerializationContext _) => throw new NotSupportedException("a request is only received"),
                static context => RecommendRequest.Parser.ParseFrom(context.PayloadAsReadOnlySequence())),
            EncodedReply.Marshaller);

        /// <inheritdoc/>
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<RecommendEndpoint> context) =>
            context.AddUnaryMethod(Method, [], static (service, request, _) => service.Recommend(request));
    }
}
