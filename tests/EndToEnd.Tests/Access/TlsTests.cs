using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Engine.Protos.V1;
using Engine.Server.Access;
using Engine.Server.Configuration;
using Engine.Server.Hosting;
using Engine.Server.Warming;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>Encrypted ports: both protocols on one, certificates that change, clients that must show one.</summary>
public sealed class TlsTests : IDisposable
{
    // Read once: a certificate must not end after its authority's, not even by a second.
    private static readonly DateTimeOffset Start = TimeProvider.System.GetUtcNow().AddDays(-1);
    private static readonly DateTimeOffset End = Start.AddDays(31);

    private readonly TemporaryFolder _folder = new();

    private string Certificate => Path.Combine(_folder.Path, "tls.pem");

    private string Key => Path.Combine(_folder.Path, "tls.key");

    private string Pfx => Path.Combine(_folder.Path, "tls.pfx");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_port_serves_grpc_and_json_and_a_new_certificate_drops_no_connection()
    {
        var first = Write("first").Thumbprint;
        await using var engine = await RunningEngine.Start(configure: WithTls);
        var address = engine.Parts.Endpoint();
        using var open = new Client(address);
        var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpClient = open.Http });
        var recommender = new Recommender.RecommenderClient(channel);
        Assert.Equal(
            3,
            (await recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é", TopK = 3 })).Products.Count);
        using (var plain = new Client(address))
        {
            Assert.Contains(
                "SERVING", await plain.Http.GetStringAsync(new Uri(address, "/health")), StringComparison.Ordinal);
            Assert.Equal(first, plain.Seen);
        }

        // A certificate without its key changes nothing, however often the files are looked at in between.
        var (second, key) = Write("second", keepKey: true);
        engine.ReloadCertificates();
        using (var between = new Client(address))
        {
            await between.Http.GetStringAsync(new Uri(address, "/health"));
            Assert.Equal(first, between.Seen);
        }

        await File.WriteAllTextAsync(Key, key);
        engine.ReloadCertificates();
        using (var later = new Client(address))
        {
            await later.Http.GetStringAsync(new Uri(address, "/health"));
            Assert.Equal(second, later.Seen);
        }

        Assert.Equal(
            3,
            (await recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é", TopK = 3 })).Products.Count);
        Assert.Equal(first, open.Seen);
        Assert.Equal(1, open.Handshakes);
    }

    [Fact]
    public async Task A_pfx_with_a_password_works_too()
    {
        var seen = Write("pfx").Thumbprint;
        var password = Path.Combine(_folder.Path, "password");
        await File.WriteAllTextAsync(password, "secret word\n");
        await using var engine = await RunningEngine.StartEmpty(configure: options =>
        {
            WithTls(options);
            (options.Access.TlsCertificate, options.Access.TlsKey, options.Access.TlsPasswordFile) =
                (Pfx, "", password);
        });
        using var client = new Client(engine.Parts.Endpoint());
        using var answer = await client.Http.GetAsync(new Uri(engine.Parts.Endpoint(), "/health"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(seen, client.Seen);
    }

    [Fact]
    public async Task Where_clients_show_a_certificate_the_engine_calls_itself_with_one_that_ends_with_the_start()
    {
        Write("server");
        using var key = ECDsa.Create();
        using var authority = Request("authority", key, isAuthority: true).CreateSelfSigned(Start, End);
        var file = _folder.Write("clients.pem", authority.ExportCertificatePem());
        await using var engine = await RunningEngine.StartEmpty(configure: options =>
        {
            new Engine.Snapshots.SnapshotDirectory(options.Snapshots).Publish(RandomSnapshot.Content(1));
            options.Urls = "https://127.0.0.1:0;https://127.0.0.1:0";
            (options.Access.TlsCertificate, options.Access.TlsKey, options.Access.TlsClientAuthority) =
                (Certificate, Key, file);
        });
        var calls = engine.Parts.GetRequiredService<FirstCalls>();
        await calls.Done;
        Assert.True(calls.Answered > 100);

        var health = new Uri(engine.GrpcAddress, "/health");
        var certificates = engine.Parts.GetRequiredService<ServerCertificates>();
        using var lent = certificates.Lend(TimeProvider.System.GetUtcNow())!;
        using (var own = new Client(health, lent))
        {
            using var answer = await own.Http.GetAsync(health);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        certificates.TakeBack();
        using var late = new Client(health, lent);
        await Assert.ThrowsAsync<HttpRequestException>(() => late.Http.GetAsync(health));
    }

    [Fact]
    public async Task Only_clients_of_the_authority_connect_when_one_is_given()
    {
        Write("server");
        using var authorityKey = ECDsa.Create();
        using var authority = Request("authority", authorityKey, isAuthority: true).CreateSelfSigned(Start, End);
        using var clientKey = ECDsa.Create();
        using var member = Request("member", clientKey)
            .Create(authority, Start, End, [1, 2, 3])
            .CopyWithPrivateKey(clientKey);
        using var strangerKey = ECDsa.Create();
        using var stranger = Request("stranger", strangerKey).CreateSelfSigned(Start, End);
        var file = Path.Combine(_folder.Path, "clients.pem");
        await File.WriteAllTextAsync(file, authority.ExportCertificatePem());
        await using var engine = await RunningEngine.StartEmpty(configure: options =>
        {
            WithTls(options);
            options.Access.TlsClientAuthority = file;
        });
        var health = new Uri(engine.Parts.Endpoint(), "/health");
        using var known = new Client(health, member);
        using var answer = await known.Http.GetAsync(health);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        foreach (var certificate in new[] { null, stranger })
        {
            using var client = new Client(health, certificate);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.Http.GetAsync(health));
        }
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", false, false, "not encrypted")]
    [InlineData("grpc://0.0.0.0:0", true, false, "nobody needs a key")]
    [InlineData("https://0.0.0.0:0", false, false, "nobody needs a key")]
    [InlineData("https://[::]:0", true, false, "nobody needs a key")]
    [InlineData("http://0.0.0.0:0", false, true, "not encrypted")]
    public void A_port_for_other_machines_needs_encryption_and_keys(
        string url, bool allowCleartext, bool hasKey, string expected)
    {
        Write("server");
        using var root = new TemporaryFolder();
        if (hasKey)
        {
            Keys.Add(root.Path, "shop", ["read"]);
        }

        var options = new ServerOptions { Snapshots = root.Path, Urls = url };
        (options.Access.TlsCertificate, options.Access.TlsKey, options.Access.AllowCleartext) =
            (Certificate, Key, allowCleartext);
        Assert.Contains(
            expected,
            Assert.Throws<StartRefusedException>(() => ServerApplication.Build(options, TimeProvider.System)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_both_or_with_explicit_settings_it_may_start()
    {
        Write("server");
        using var root = new TemporaryFolder();
        var open = new ServerOptions { Snapshots = root.Path, Urls = "http://0.0.0.0:0" };
        (open.Access.AllowCleartext, open.Access.AllowAnonymous) = (true, true);
        await ServerApplication.Build(open, TimeProvider.System).DisposeAsync();
        Keys.Add(root.Path, "shop", ["read"]);
        var closed = new ServerOptions { Snapshots = root.Path, Urls = "https://0.0.0.0:0" };
        (closed.Access.TlsCertificate, closed.Access.TlsKey) = (Certificate, Key);
        await ServerApplication.Build(closed, TimeProvider.System).DisposeAsync();
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority = false)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        return request;
    }

    // Returns the key, too, which is not written when the one before is to be kept.
    private (string Thumbprint, string Key) Write(string name, bool keepKey = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Request(name, key).CreateSelfSigned(Start, End);
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        if (!keepKey)
        {
            File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        }

        File.WriteAllBytes(Pfx, certificate.Export(X509ContentType.Pfx, "secret word"));
        return (certificate.Thumbprint, key.ExportPkcs8PrivateKeyPem());
    }

    private void WithTls(ServerOptions options)
    {
        options.Urls += ";https://127.0.0.1:0";
        (options.Access.TlsCertificate, options.Access.TlsKey) = (Certificate, Key);
    }

    private sealed class Client : IDisposable
    {
        private readonly SocketsHttpHandler _handler = new();

        public Client(Uri address, X509Certificate2? certificate = null)
        {
            _handler.SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = address.Host,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificates = certificate is null ? null : [certificate],
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                {
                    (Seen, Handshakes) = (((X509Certificate2)shown!).Thumbprint, Handshakes + 1);
                    return Seen.Length > 0;
                },
            };
            Http = new HttpClient(_handler);
        }

        public HttpClient Http { get; }

        public string Seen { get; private set; } = "";

        public int Handshakes { get; private set; }

        public void Dispose()
        {
            Http.Dispose();
            _handler.Dispose();
        }
    }
}

/// <summary>What the tests of TLS ask of a running server.</summary>
internal static class TlsEngine
{
    /// <summary>The encrypted endpoint.</summary>
    public static Uri Endpoint(this IServiceProvider parts) =>
        new(((BoundEndpoints)parts.GetService(typeof(BoundEndpoints))!).All.Single(endpoint => endpoint.IsTls).Url);

    /// <summary>Reads the certificates now, as the watcher does within a second.</summary>
    public static void ReloadCertificates(this RunningEngine engine) =>
        ((ServerCertificates)engine.Parts.GetService(typeof(ServerCertificates))!).Refresh();
}
