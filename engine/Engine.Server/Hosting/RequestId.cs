namespace Engine.Server.Hosting;

/// <summary>
/// The id of a request, in the header x-request-id of its answer, in the error, the log and the audit log. It is the
/// server's, so that no two are equal, with the caller's own before it if the caller sends one.
/// </summary>
internal static class RequestId
{
    private const string Header = "x-request-id";
    private const int MaximumLength = 128;

    /// <summary>Runs the middleware.</summary>
    public static Task Give(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Headers[Header] is [{ } given] && IsId(given))
        {
            http.TraceIdentifier = $"{given}/{http.TraceIdentifier}";
        }

        http.Response.Headers[Header] = http.TraceIdentifier;
        return next(http);
    }

    // What is repeated in logs and headers holds nothing that could be taken for something else there.
    private static bool IsId(string text) =>
        text.Length is > 0 and <= MaximumLength
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or ':');
}
