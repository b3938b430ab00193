using System.Text.Encodings.Web;
using System.Text.Json;

namespace Engine.Snapshots;

/// <summary>
/// How both programs print with <c>--json</c> what is no message of the contract, and errors: one indented document,
/// snake_case names.
/// </summary>
public static class JsonText
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document of a value.</summary>
    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Whether a command line asks for JSON.</summary>
    public static bool IsAsked(string[] arguments) => arguments.Contains("--json", StringComparer.Ordinal);

    /// <summary>
    /// Says why a program ends: a line on standard error, and where JSON is asked for the same as a document on
    /// standard output, which has nothing else then.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static int Fail(string[] arguments, int exitCode, string message)
    {
        Console.Error.WriteLine($"error: {Printable.Of(message)}");
        if (IsAsked(arguments))
        {
            Console.WriteLine(Of(new { Error = new { Message = message, ExitCode = exitCode } }));
        }

        return exitCode;
    }
}
