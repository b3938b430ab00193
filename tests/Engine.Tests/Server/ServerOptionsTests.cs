using Engine.Server.Configuration;

namespace Engine.Tests.Server;

public sealed class ServerOptionsTests
{
    [Fact]
    public void Defaults_are_sound() => new ServerOptions { Snapshots = "somewhere" }.Validate();

    [Theory]
    [InlineData(nameof(ServerOptions.PollMilliseconds), 50, 3_600_000)]
    [InlineData(nameof(ServerOptions.ServedMebibytes), 1, 16_777_216)]
    [InlineData(nameof(ServerOptions.NamedMebibytes), 0, 16_777_216)]
    [InlineData(nameof(ServerOptions.RequestMebibytes), 1, 1_024)]
    [InlineData(nameof(ServerOptions.StopSeconds), 0, 3_600)]
    public void Edges_are_inside_and_their_neighbors_are_not(string option, int least, int most)
    {
        With(option, least).Validate();
        With(option, most).Validate();
        Assert.Contains(
            Name(option),
            Assert.Throws<InputException>(With(option, least - 1).Validate).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            $"{least} to {most}",
            Assert.Throws<InputException>(With(option, most + 1).Validate).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_required() =>
        Assert.Contains(
            "--snapshots is missing",
            Assert.Throws<InputException>(new ServerOptions().Validate).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Addresses_say_protocol_address_and_port()
    {
        var found = ListenAddress.Parse("grpc://127.0.0.1:50051; http://localhost:80;http://[::1]:0;");
        Assert.Equal(
            ["127.0.0.1:50051", "127.0.0.1:80", "[::1]:0"], found.Select(address => address.EndPoint.ToString()));
        Assert.Equal([true, false, false], found.Select(address => address.IsGrpc));
    }

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("127.0.0.1:80")]
    [InlineData("ftp://127.0.0.1:443")]
    [InlineData("grpc://127.0.0.1")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:8080/path")]
    [InlineData("http://example.org:8080")]
    [InlineData("http://127.0.0.1:70000")]
    public void Other_addresses_are_refused(string urls) =>
        Assert.Contains(
            "--urls", Assert.Throws<InputException>(() => ListenAddress.Parse(urls)).Message, StringComparison.Ordinal);

    private static string Name(string option) =>
        "--" + System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(option);

    private static ServerOptions With(string option, int value)
    {
        var options = new ServerOptions { Snapshots = "somewhere" };
        typeof(ServerOptions).GetProperty(option)!.SetValue(options, value);
        return options;
    }
}
