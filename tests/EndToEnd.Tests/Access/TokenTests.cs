using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Engine.Server.Configuration;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>Tokens instead of keys.</summary>
public sealed class TokenTests : IDisposable
{
    private const string Header = """{"alg":"RS256","typ":"JWT","kid":"k1"}""";

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
    public async Task A_signed_token_that_is_not_to_the_letter_opens_nothing()
    {
        await using var engine = await Start();
        (string Name, string? Header, string? Claims)[] tokens =
        [
            ("extension", """{"alg":"RS256","kid":"k1","crit":["exp"]}""", null),
            ("empty extension", """{"alg":"RS256","kid":"k1","crit":[]}""", null),
            ("null extension", """{"alg":"RS256","kid":"k1","crit":null}""", null),
            ("unencoded payload", """{"alg":"RS256","kid":"k1","b64":false,"crit":["b64"]}""", null),
            ("algorithm twice", """{"alg":"none","kid":"k1","alg":"RS256"}""", null),
            ("no algorithm", """{"kid":"k1"}""", null),
            ("no algorithm, in capitals", """{"alg":"NONE","kid":"k1"}""", null),
            ("secret", """{"alg":"HS256","kid":"k1"}""", null),
            ("another algorithm", """{"alg":"PS256","kid":"k1"}""", null),
            ("unknown key", """{"alg":"RS256","kid":"k2"}""", null),
            ("no object", "[]", null),
            ("no lifetime", null, "\"sub\":\"crm\""),
            ("lifetime as text", null, "\"exp\":\"9999999999\""),
            ("lifetime null", null, "\"exp\":null"),
            ("lifetime twice", null, "\"exp\":1,\"exp\":9999999999"),
            ("lifetime over", null, "\"exp\":-1e300"),
            ("not yet", null, "\"exp\":9999999999,\"nbf\":9999999998"),
            ("not yet, as text", null, "\"exp\":9999999999,\"nbf\":\"9999999998\""),
            ("subject is no text", null, "\"exp\":9999999999,\"sub\":{\"name\":\"crm\"}"),
            ("scope is no text", null, "\"exp\":9999999999,\"scope\":[[\"admin\"]]"),
            ("scope is a number", null, "\"exp\":9999999999,\"scope\":1"),
            ("scope twice", null, "\"exp\":9999999999,\"scope\":\"task\",\"scope\":\"read\""),
            ("workspace is no text", null, "\"exp\":9999999999,\"workspaces\":[1,null]"),
            ("issuers", null, "\"exp\":9999999999,\"iss\":[\"https://login.example\"]"),
        ];
        foreach (var (name, header, claims) in tokens)
        {
            var token = Signed(header ?? Header, claims ?? "\"exp\":9999999999");
            Assert.True(HttpStatusCode.Unauthorized == await Get(engine, "/v1/snapshots", token), name);
        }
    }

    [Fact]
    public async Task A_signed_token_to_the_letter_opens()
    {
        await using var engine = await Start();
        string[] sound =
        [
            "\"exp\":9999999999",
            "\"exp\":9999999999.5,\"nbf\":0",
            "\"exp\":9999999999,\"scope\":[\"task\",\"read\"],\"workspaces\":\"other default\"",
            "\"exp\":9999999999,\"aud\":[\"other\",\"engine\"]",
        ];
        foreach (var claims in sound)
        {
            Assert.Equal(HttpStatusCode.OK, await Get(engine, "/v1/snapshots", Signed(Header, claims)));
            var unnamed = Signed("""{"alg":"RS256","jku":"https://evil.example"}""", claims);
            Assert.Equal(HttpStatusCode.OK, await Get(engine, "/v1/snapshots", unnamed));
        }
    }

    [Fact]
    public async Task A_token_takes_nothing_from_the_key_of_its_name_and_is_audited_as_a_token()
    {
        await using var engine = await Start(options => options.Access.CheapPerSecond = 5);
        var key = Keys.Add(engine.Root, "crm", ["read", "catalog"]);
        engine.Reload();
        foreach (var one in (string[])[key, Token("catalog")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/pools")
            {
                Content = new StringContent("""{"name":"tea","rule":"x"}""", Encoding.UTF8, "application/json"),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", one) },
            };
            using var answer = await engine.Http.SendAsync(request);
        }

        var log = await File.ReadAllTextAsync(Path.Combine(engine.Root, ".access", "audit", "audit.jsonl"));
        Assert.Contains("\"who\":\"crm\"", log, StringComparison.Ordinal);
        Assert.Contains("\"who\":\"token:crm\"", log, StringComparison.Ordinal);

        HttpStatusCode last;
        do
        {
            last = await Get(engine, "/v1/snapshots", Token("read"));
        }
        while (last == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        Assert.Equal(HttpStatusCode.OK, await Get(engine, "/v1/snapshots", key));
    }

    [Fact]
    public async Task Keys_are_accepted_beside_tokens()
    {
        await using var engine = await Start();
        var key = Keys.Add(engine.Root, "shop", ["read"]);
        engine.Reload();
        Assert.Equal(HttpStatusCode.OK, await Get(engine, "/v1/snapshots", key));
    }

    // Any header and any claims with a true signature. What the claims do not say is as it should be.
    private string Signed(string header, string claims)
    {
        var rest = new (string Name, string Claim)[]
        {
            ("iss", "\"https://login.example\""), ("aud", "\"engine\""), ("sub", "\"crm\""), ("scope", "\"read\""),
        };
        var added = rest.Where(one => !claims.Contains($"\"{one.Name}\"", StringComparison.Ordinal))
            .Select(one => $",\"{one.Name}\":{one.Claim}");
        var payload = $"{{{claims}{string.Concat(added)}}}";
        var content = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(payload)}";
        var signature = _rsa.SignData(
            Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{content}.{Base64UrlEncoder.Encode(signature)}";
    }

    private async Task<RunningEngine> Start(Action<ServerOptions>? configure = null)
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
            configure?.Invoke(options);
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
