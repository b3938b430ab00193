using System.Net.Sockets;
using System.Text;
using Tests.Shared;

namespace EndToEnd.Tests.Operating;

/// <summary>What a unit of Type=notify hears of the server: only once, and only when it is so.</summary>
public sealed class SystemdTests
{
    [Fact]
    public async Task Systemd_hears_that_the_server_has_started_and_that_it_stops()
    {
        using var folder = new TemporaryFolder();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder.File("notify")));
        using var served = await ServedProcess.StartIn(("NOTIFY_SOCKET", folder.File("notify")));
        Assert.Equal("READY=1", await Next());
        using var http = new HttpClient();
        Assert.True(await ServedProcess.IsReady(http, served.Http));
        await served.Signal();
        Assert.Equal("STOPPING=1", await Next());
        Assert.Equal(0, await served.End());
        Assert.Equal(0, socket.Available);

        async Task<string> Next()
        {
            var bytes = new byte[1 << 10];
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            return Encoding.UTF8.GetString(bytes, 0, await socket.ReceiveAsync(bytes.AsMemory(), limit.Token)).Trim();
        }
    }
}
