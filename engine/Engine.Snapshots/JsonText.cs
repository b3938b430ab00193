using System.Text.Encodings.Web;
using System.Text.Json;

namespace Engine.Snapshots;

/// <summary>
/// How both programs print with <c>--json</c> what is no message of the contract: one indented document, snake_case
/// names.
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
}
