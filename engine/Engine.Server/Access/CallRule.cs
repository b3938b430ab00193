namespace Engine.Server.Access;

/// <summary>What a caller must be allowed to do, and how much work it may cause.</summary>
/// <param name="Call">A gRPC method as /SERVICE/METHOD, or an HTTP method with a route.</param>
/// <param name="Scope">The one scope that the call needs; <see cref="Scopes.None"/> is open to everybody.</param>
/// <param name="Kind">Which limits count it.</param>
/// <param name="Changes">It changes something: the audit log records it.</param>
/// <param name="EveryWorkspace">It is about all workspaces at once, so the scope is needed for all of them.</param>
internal sealed record CallRule(
    string Call, Scopes Scope, CallKind Kind, bool Changes = false, bool EveryWorkspace = false);

/// <summary>How much work a call may cause.</summary>
internal enum CallKind
{
    /// <summary>Microseconds to milliseconds, bounded by what the caller sends.</summary>
    Cheap,

    /// <summary>A pass over all users, a whole file, or as many pairs as the caller likes.</summary>
    Heavy,
}
