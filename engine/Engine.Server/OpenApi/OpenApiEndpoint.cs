using System.Text;
using Engine.Server.Access;

namespace Engine.Server.OpenApi;

/// <summary>GET /openapi.json.</summary>
internal static class OpenApiEndpoint
{
    private static readonly Lazy<byte[]> Document =
        new(static () => Encoding.UTF8.GetBytes(OpenApiDocument.Create().ToJsonString()));

    /// <summary>Adds the route; nobody needs a key for it: the contract is no secret.</summary>
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/openapi.json", static () => TypedResults.Bytes(Document.Value, "application/json")).WithRules();
}
