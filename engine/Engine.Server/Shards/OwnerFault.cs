using Grpc.Core;

namespace Engine.Server.Shards;

/// <summary>What a failed call says of the owner that was asked.</summary>
internal static class OwnerFault
{
    /// <summary>
    /// Whether the owner cannot answer now: it says so, or its connection is lost. gRPC takes a loss for an internal
    /// error or a cancellation where HTTP/2 tells of it, with the error of HTTP as its cause.
    /// </summary>
    public static bool IsLost(RpcException e) => e.StatusCode == StatusCode.Unavailable
        || (e.StatusCode is StatusCode.Internal or StatusCode.Cancelled
            && e.Status.DebugException is HttpRequestException or IOException);
}
