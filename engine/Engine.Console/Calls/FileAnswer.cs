using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using Engine.Protos.V1;

namespace Engine.WebConsole.Calls;

/// <summary>
/// Answers with a file. CSV begins with a byte-order mark: without it, spreadsheets take UTF-8 for something else.
/// </summary>
internal static class FileAnswer
{
    private static readonly SearchValues<char> Number = SearchValues.Create("0123456789.");

    /// <summary>Sends the chunks of a call. What the engine refuses, it refuses before the first one.</summary>
    public static async Task<IResult> Send(
        HttpResponse response, IAsyncStreamReader<FileChunk> chunks, string name, CancellationToken cancellation)
    {
        var hasMore = await chunks.MoveNext(cancellation);
        await Begin(response, name);
        for (; hasMore; hasMore = await chunks.MoveNext(cancellation))
        {
            await response.Body.WriteAsync(chunks.Current.Data.Memory, cancellation);
        }

        return Results.Empty;
    }

    /// <summary>Begins a file.</summary>
    public static async System.Threading.Tasks.Task Begin(HttpResponse response, string name)
    {
        var isCsv = name.EndsWith(".csv", StringComparison.Ordinal);
        response.ContentType = isCsv ? "text/csv; charset=utf-8" : "application/vnd.apache.parquet";
        response.Headers.ContentDisposition =
            new ContentDispositionHeaderValue("attachment") { FileNameStar = name }.ToString();
        if (isCsv)
        {
            await response.Body.WriteAsync(Encoding.UTF8.Preamble.ToArray());
        }
    }

    /// <summary>
    /// A cell of CSV that no spreadsheet computes, between quotes where it needs them: the rule of the engine's
    /// exports.
    /// </summary>
    public static string Cell(string text)
    {
        var cell = IsFormula(text.AsSpan().TrimStart('\'')) ? "'" + text : text;
        return cell.AsSpan().IndexOfAny(",\"\r\n") < 0
            ? cell
            : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static bool IsFormula(ReadOnlySpan<char> text) => text is [var first, .. var rest]
        && ("=@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20".Contains(first)
            || (first is '+' or '-' && (rest.IsEmpty || rest.ContainsAnyExcept(Number))));
}
