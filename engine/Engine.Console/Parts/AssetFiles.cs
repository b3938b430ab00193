using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Engine.WebConsole.Parts;

/// <summary>
/// The style sheet, the modules and the icon. Their addresses hold their hash, so that browsers keep them for good.
/// </summary>
internal static class AssetFiles
{
    private const string Prefix = "assets/";
    private const int HashLength = 12;

    private static readonly FrozenDictionary<string, (byte[] Content, string Hash)> Files =
        typeof(AssetFiles).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Prefix.Length..], Read, StringComparer.Ordinal);

    /// <summary>The address of a file.</summary>
    public static string Path(string name) => $"/{Prefix}{Files[name].Hash}/{name}";

    /// <summary>Adds the route; the page of sign-in needs it before anybody has signed in.</summary>
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/assets/{hash}/{name}", (string hash, string name, HttpContext http) =>
        {
            if (!Files.TryGetValue(name, out var file) || file.Hash != hash)
            {
                return Results.NotFound();
            }

            http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            return Results.Bytes(file.Content, TypeOf(name));
        }).AllowAnonymous();

    private static string TypeOf(string name) => System.IO.Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };

    private static (byte[] Content, string Hash) Read(string name)
    {
        using var stream = typeof(AssetFiles).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return (content, Convert.ToHexStringLower(SHA256.HashData(content))[..HashLength]);
    }
}
