using Tests.Shared;

namespace EndToEnd.Tests.Operating;

/// <summary>`config check` finds what `serve` would refuse before it opens a port, all of it at once.</summary>
public sealed class ConfigCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "tasks": 0 }""", "found tasks 0; expected 1 to 64")]
    [InlineData("""{ "otlp_endpoint": "localhost:4317" }""", "--otlp-endpoint")]
    [InlineData("""{ "jwt_keys": "jwks.json" }""", "--jwt-issuer")]
    [InlineData("""{ "urls": "http://engine.example:8080" }""", "--urls")]
    [InlineData("""{ "console": "http://127.0.0.1:8081" }""", "--console")]
    [InlineData("""{ "urls": "https://127.0.0.1:8443" }""", "--tls-certificate")]
    [InlineData("""{ "urls": "http://0.0.0.0:8080" }""", "--allow-cleartext")]
    [InlineData("""{ "console": "console://0.0.0.0:8081" }""", "--allow-cleartext")]
    public async Task It_finds_what_serve_refuses(string json, string words)
    {
        var file = _folder.Write("engine.json", json);
        var check = await ProgramOutput.OfEngine("config", "check", file);
        Assert.Equal((1, ""), (check.ExitCode, check.Output));
        Assert.StartsWith($"error: {file}: ", check.Error, StringComparison.Ordinal);
        Assert.Contains(words, check.Error, StringComparison.Ordinal);
        var serve = await ProgramOutput.OfEngine("serve", "--snapshots", _folder.Path, "--config", file);
        Assert.NotEqual(0, serve.ExitCode);
        Assert.Contains(words, serve.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_names_all_mistakes_and_asks_for_no_file_and_no_key()
    {
        var file = _folder.Write(
            "engine.json", """{ "tasks": 0, "otlp_endpoint": "x", "urls": "https://0.0.0.0:8443", "pol": 1 }""");
        var check = await ProgramOutput.OfEngine("config", "check", file);
        Assert.Equal(4, check.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        _folder.Write("engine.json", """{ "urls": "https://0.0.0.0:8443", "tls_certificate": "/nowhere/tls.pem" }""");
        check = await ProgramOutput.OfEngine("config", "check", file);
        Assert.Equal((0, $"{file} is valid.\n", ""), (check.ExitCode, check.Output, check.Error));
    }
}
