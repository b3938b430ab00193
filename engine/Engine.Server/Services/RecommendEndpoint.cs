using Engine.Protos.V1;
using Engine.Server.Admission;
using Engine.Server.Replies;
using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Engine.Server.Services;

/// <summary>
/// Recommend over gRPC, the call that a storefront waits for. Its reply is written straight from the mapped snapshot;
/// the endpoint stands before the one of <see cref="RecommenderService"/>, which JSON transcoding describes.
/// </summary>
internal sealed class RecommendEndpoint(EncodedRecommend recommend)
{
    /// <summary>Answers into a pooled reply, which the marshaller takes back.</summary>
    public Task<EncodedReply> Recommend(RecommendRequest request, ServerCallContext context) =>
        recommend.TryAnswer(request, ReplyForm.Wire, out var clock)?.Completed
        ?? recommend.Queue(
            request,
            ReplyForm.Wire,
            clock,
            context.RequestHeaders.GetValue("authorization"),
            context.CancellationToken);

    /// <summary>
    /// Puts the method before the one of the generated service, and only the method: not what answers unknown ones.
    /// </summary>
    public static void ComeFirst(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<GrpcMethodMetadata>().Any())
        {
            ((RouteEndpointBuilder)endpoint).Order = -1;
        }
    }

    /// <summary>Binds the method under the name that the contract gives it.</summary>
    internal sealed class Binding(BoundedMarshallers bounded) : IServiceMethodProvider<RecommendEndpoint>
    {
        private readonly Method<RecommendRequest, EncodedReply> _method = new(
            MethodType.Unary,
            Recommender.Descriptor.FullName,
            nameof(Recommend),
            bounded.Of(
                Marshallers.Create(
                    static (RecommendRequest _, SerializationContext _) =>
                        throw new NotSupportedException("a request is only received"),
                    static context => RecommendRequest.Parser.ParseFrom(context.PayloadAsReadOnlySequence())),
                $"/{Recommender.Descriptor.FullName}/{nameof(Recommend)}"),
            EncodedReply.Marshaller);

        /// <inheritdoc/>
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<RecommendEndpoint> context) =>
            context.AddUnaryMethod(
                _method,
                [RecommendRequest.Descriptor],
                static (service, request, call) => service.Recommend(request, call));
    }
}
