namespace Engine.Client.Balancing;

/// <summary>The headers by which a call says which engine should get it. A proxy between may use the first.</summary>
internal static class CallHeaders
{
    /// <summary>The user as 16 hex digits: the start of the SHA-256 of workspace, a zero byte and user.</summary>
    public const string User = "x-engine-user";

    /// <summary>How many of the user's first engines it passes by: they answered from an older snapshot.</summary>
    public const string Skip = "x-engine-skip";

    /// <summary>The one engine that may get it, as HOST:PORT.</summary>
    public const string Node = "x-engine-node";

    /// <summary>gRPC's own, on the second and later attempts: how many there were before.</summary>
    public const string PreviousAttempts = "grpc-previous-rpc-attempts";
}
