using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Engine.Server.Access;

/// <summary>
/// What a token with a valid signature says, read to the letter of RFC 7515 and RFC 7519: an extension that must be
/// understood, a name that comes twice and a claim of another kind make it invalid.
/// </summary>
internal sealed class TokenContent
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly JsonElement _claims;

    private TokenContent(JsonElement claims) => _claims = claims;

    /// <summary>The subject, or null.</summary>
    public string? Subject => TextOf("sub") is { Length: > 0 } subject ? subject : null;

    /// <summary>Reads a token.</summary>
    /// <exception cref="InputException">It is not valid; the message says why.</exception>
    public static TokenContent Of(JsonWebToken token)
    {
        var header = Parse(token.EncodedHeader, "header");
        if (header.TryGetProperty("crit", out _))
        {
            throw new InputException(
                "the token is not valid: found 'crit' in its header, and the engine understands no extension");
        }

        var content = new TokenContent(Parse(token.EncodedPayload, "payload"));
        content.CheckTime("exp");
        content.CheckTime("nbf");
        _ = content.TextOf("sub");
        return content;
    }

    /// <summary>Whether a claim is there, an empty one too.</summary>
    public bool Has(string claim) => _claims.TryGetProperty(claim, out _);

    /// <summary>The words of a claim: a text separated by spaces, or an array of such texts.</summary>
    /// <exception cref="InputException">It is of another kind.</exception>
    public string[] Words(string claim) =>
        !_claims.TryGetProperty(claim, out var value) ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().SelectMany(one => Words(claim, one))]
        : Words(claim, value);

    private static string[] Words(string claim, JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        : throw Wrong(claim, value, "text, or an array of texts");

    private string? TextOf(string claim) =>
        !_claims.TryGetProperty(claim, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Wrong(claim, value, "text");

    private void CheckTime(string claim)
    {
        if (_claims.TryGetProperty(claim, out var value) && value.ValueKind != JsonValueKind.Number)
        {
            throw Wrong(claim, value, "seconds since 1970 as a number");
        }
    }

    private static JsonElement Parse(string part, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(part), Strict);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new InputException($"the token is not valid: its {name} is no JSON object with each name once", e);
        }
    }

    private static InputException Wrong(string claim, JsonElement value, string expected) => new(
        $"the token is not valid: found {value.ValueKind} as claim '{claim}'; expected {expected}");
}
