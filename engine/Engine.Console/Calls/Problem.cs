using System.Text.RegularExpressions;
using Google.Rpc;

namespace Engine.WebConsole.Calls;

/// <summary>Why a call got no answer, in the engine's words.</summary>
/// <param name="Code">The status.</param>
/// <param name="Field">The field of the request that is wrong; empty when none is.</param>
/// <param name="Text">Found, expected, what to do.</param>
public sealed partial record Problem(StatusCode Code, string Field, string Text)
{
    /// <summary>Nothing is served: the page says how to go on.</summary>
    public bool IsNoSnapshot =>
        Code == StatusCode.Unavailable && Text.Contains("has no active snapshot", StringComparison.Ordinal);

    /// <summary>Nothing is served because the published snapshot is damaged, or beyond the policy.</summary>
    public bool IsRefusedSnapshot =>
        IsNoSnapshot && !Text.Contains("nothing is published", StringComparison.Ordinal);

    /// <summary>The HTTP status of the page that shows it.</summary>
    public int HttpStatus => Code switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition => 400,
        StatusCode.Unauthenticated => 401,
        StatusCode.PermissionDenied => 403,
        StatusCode.NotFound => 404,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unavailable => 503,
        _ => 500,
    };

    /// <summary>The problem of a failed call.</summary>
    public static Problem Of(RpcException e) => new(
        e.StatusCode,
        e.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations.FirstOrDefault()?.Field is { Length: > 0 } field
            ? field
            : string.Concat(FoundField().Match(e.Status.Detail).Groups.Values.Skip(1)),
        e.Status.Detail);

    /// <summary>The innermost field, without its place in a list.</summary>
    public string LastField => Field[(Field.LastIndexOf('.') + 1)..].Split('[')[0];

    /// <summary>Whether it is about one of these fields, wherever in the request they are.</summary>
    public bool IsAbout(IEnumerable<string> fields) =>
        fields.Contains(LastField, StringComparer.Ordinal);

    // What does not exist begins its sentence: audience 'x' does not exist.
    [GeneratedRegex(@"^(?:found ([a-z_.\[\]0-9]+) = |(audience|pool|task|product|source|workspace) ')")]
    private static partial Regex FoundField();
}
