using Engine.Client;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace Engine.Tests.Clients;

public sealed class LostConnectionsTests
{
    [Theory]
    [InlineData(0, StatusCode.Unavailable)]
    [InlineData(1, StatusCode.Internal)]
    public async Task An_orderly_end_of_the_connection_is_unavailable(long http2Error, StatusCode expected)
    {
        var failure = new HttpRequestException(
            HttpRequestError.HttpProtocolError, "failed", new HttpProtocolException(http2Error, "closed", null));
        using var channel = GrpcChannel.ForAddress(
            "http://localhost",
            new GrpcChannelOptions { HttpHandler = new LostConnections(new Failing(failure)), DisposeHttpClient = true });
        var call = new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest());
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
    }

    private sealed class Failing(Exception failure) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(failure);
    }
}
