using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>Tokens instead of keys.</summary>
public sealed class TokenTests : IDisposable
{
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly TemporaryFolder _folder = new();

    private string KeySet => Path.Combine(_folder.Path, "jwks.json");

    public void Dispose()
    {
        _rsa.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_signed_token_opens_what_its_scopes_say_and_nothing_else()
    {
        await using var engine = await Start();
        Assert.Equal(HttpStatusCode.OK, await Get(engine, "/v1/snapshots", Token("read task")));
        Assert.Equal(HttpStatusCode.OK, await Get(engine, "/v1/tasks", Token("read task")));
        Assert.Equal(HttpStatusCode.Forbidden, await Get(engine, "/v1/pools", Token("read task")));
        Assert.Equal(HttpStatusCode.Forbidden, await Get(engine, "/v1/snapshots", Token("unknown words")));
        Assert.Equal(HttpStatusCode.Forbidden, await Get(engine, "/v1/snapshots?workspace=other", Token("read")));
        Assert.Equal(
            HttpStatusCode.NotFound,
            await Get(engine, "/v1/snapshots?workspace=other", Token("read", workspaces: ["other"])));
        Assert.Equal(
            HttpStatusCode.Forbidden, await Get(engine, "/v1/snapshots", Token("read", workspaces: ["other"])));
    }

    [Fact]
    public async Task A_token_with_an_empty_list_of_workspaces_opens_none()
    {
        await using var engine = await Start();
        Assert.Equal(HttpStatusCode.OK, await Get(engine, "/v1/snapshots", Token("read")));
        Assert.Equal(HttpStatusCode.Forbidden, await Get(engine, "/v1/snapshots", Token("read", workspaces: [])));
        Assert.Equal(HttpStatusCode.Forbidden, await Get(engine, "/v1/snapshots", Token("read", workspaces: [""])));
    }

    [Fact]
    public async Task Other_tokens_open_nothing()
    {
        await using var engine = await Start();
        using var other = RSA.Create(2048);
        Assert.Equal(HttpStatusCode.Unauthorized, await Get(engine, "/v1/snapshots", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await Get(engine, "/v1/snapshots", "no token"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Get(engine, "/v1/snapshots", Token("read", issuer: "other")));
        Assert.Equal(HttpStatusCode.Unauthorized, await Get(engine, "/v1/snapshots", Token("read", audience: "other")));
        Assert.Equal(HttpStatusCode.Unauthorized, await Get(engine, "/v1/snapshots", Token("read", minutes: -5)));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await Get(
                engine,
                "/v1/snapshots",
                Token("read", signing: new SigningCredentials(new RsaSecurityKey(other) { KeyId = "k1" }, "RS256"))));

        // The public key as the secret of a symmetric signature, and no signature at all: two old attacks.
        var asSecret = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(File.ReadAllText(KeySet))) { KeyId = "k1" };
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await Get(engine, "/v1/snapshots", Token("read", signing: new SigningCredentials(asSecret, "HS256"))));
        var parts = Token("read").Split('.');
        var none = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");
        Assert.Equal(HttpStatusCode.Unauthorized, await Get(engine, "/v1/snapshots", $"{none}.{parts[1]}."));
    }

    [Fact]
    public async Task Keys_are_accepted_beside_tokens()
    {
        await using var engine = await Start();
        var key = Keys.Add(engine.Root, "shop", ["read"]);
        engine.Reload();
        Assert.Equal(HttpStatusCode.OK, await Get(engine, "/v1/snapshots", key));
    }

    private async Task<RunningEngine> Start()
    {
        var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(
            new RsaSecurityKey(_rsa.ExportParameters(false)) { KeyId = "k1" });
        await File.WriteAllTextAsync(
            KeySet,
            JsonSerializer.Serialize(
                new { keys = new[] { new { kty = "RSA", kid = "k1", use = "sig", n = key.N, e = key.E } } }));
        return await RunningEngine.StartEmpty(configure: options =>
        {
            options.Access.JwtKeys = KeySet;
            options.Access.JwtIssuer = "https://login.example";
            options.Access.JwtAudience = "engine";
        });
    }

    private string Token(
        string scopes,
        string issuer = "https://login.example",
        string audience = "engine",
        int minutes = 5,
        string[]? workspaces = null,
        SigningCredentials? signing = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object> { ["sub"] = "crm", ["scope"] = scopes };
        if (workspaces is not null)
        {
            claims["workspaces"] = workspaces;
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = now.AddMinutes(-10),
            IssuedAt = now.AddMinutes(-10),
            Expires = now.AddMinutes(minutes),
            Claims = claims,
            SigningCredentials = signing ?? new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = "k1" }, "RS256"),
        });
    }

    private static async Task<HttpStatusCode> Get(RunningEngine engine, string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await engine.Http.SendAsync(request);
        return answer.StatusCode;
    }
}
