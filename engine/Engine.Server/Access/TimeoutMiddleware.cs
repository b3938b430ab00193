using Engine.Server.Admission;
using Grpc.Core;

namespace Engine.Server.Access;

/// <summary>
/// Reads the header grpc-timeout to the letter: the library takes most wrong ones for no deadline at all, so a call
/// would run on after its caller has given it up.
/// </summary>
internal sealed class TimeoutMiddleware(RequestDelegate next, Refusal refusal)
{
    private const string Header = "grpc-timeout";
    private const int MostDigits = 8;
    private const int ShownLetters = 40;
    private const int NanosecondsOfTick = 100;

    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var found = http.Request.Headers[Header];
        if (found.Count == 0 || !MessageFrames.IsGrpc(http.Request))
        {
            return next(http);
        }

        return found is not [{ } timeout] || !IsTimeout(timeout)
            ? refusal.Write(
                http,
                StatusCode.InvalidArgument,
                $"found {Header} '{Shown(found.ToString())}'; expected 1 to {MostDigits} digits and a unit, "
                + "H, M, S, m, u or n, for example 500m")
            : IsOver(timeout)
                ? refusal.Write(http, StatusCode.DeadlineExceeded, "the deadline had passed when the call came")
                : next(http);
    }

    private static bool IsTimeout(string timeout) =>
        timeout.Length is >= 2 and <= MostDigits + 1 && timeout[^1] is 'H' or 'M' or 'S' or 'm' or 'u' or 'n'
        && !timeout.AsSpan(0, timeout.Length - 1).ContainsAnyExceptInRange('0', '9');

    // Shorter than a tick, which the library takes for none.
    private static bool IsOver(string timeout)
    {
        var value = 0;
        foreach (var digit in timeout.AsSpan(0, timeout.Length - 1))
        {
            value = (10 * value) + (digit - '0');
        }

        return value < (timeout[^1] == 'n' ? NanosecondsOfTick : 1);
    }

    private static string Shown(string text) =>
        Printable.Of(text.Length > ShownLetters ? text[..ShownLetters] + "..." : text);
}
