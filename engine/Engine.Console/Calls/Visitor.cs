using Engine.Protos.V1;

namespace Engine.WebConsole.Calls;

/// <summary>Who looks at a page, and at which workspace.</summary>
public sealed class Visitor(string? key, DescribeCallerReply caller, HttpRequest request)
{
    /// <summary>The cookie with the workspace.</summary>
    public const string WorkspaceCookie = "console-workspace";

    /// <summary>The key of the session; null where none is needed.</summary>
    public string? Key => key;

    /// <summary>The name of the key; empty where none is needed.</summary>
    public string Name => caller.Name;

    /// <summary>Whether there is a session to end.</summary>
    public bool HasSession => key is not null;

    /// <summary>The workspace; empty means the default one.</summary>
    public string Workspace { get; } = WorkspaceOf(request);

    /// <summary>Whether the visitor has a scope in the workspace.</summary>
    public bool May(string scope) => caller.Scopes.Contains(scope);

    /// <summary>The workspace that a request is about.</summary>
    public static string WorkspaceOf(HttpRequest request) => request.Cookies[WorkspaceCookie] ?? "";
}
