namespace Engine.Client.Balancing;

/// <summary>The headers by which a call says which engine should get it. A proxy between may use the first.</summary>
internal static class CallHeaders
{
    /// <summary>The user as 16 hex digits: the start of the SHA-256 of workspace, a zero byte and user.</summary>
    public const string User = "x-engine-user";

    /// <summary>The one engine that may get it, as HOST:PORT.</summary>
    public const string Node = "x-engine-node";
}
