using System.Net;
using System.Net.Sockets;

namespace EndToEnd.Tests.Adb;

/// <summary>What the proxy does with a piece of data.</summary>
internal enum ProxyAct
{
    Pass,
    Cut,
    Stall,
}

/// <summary>
/// A TCP proxy that asks a rule about every piece: pass it on, cut its connection, or hold it for ever.
/// </summary>
internal sealed class FaultyProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private readonly int _target;
    private readonly Func<bool, long, ProxyAct> _rule;
    private long _fromServer;
    private long _fromClient;

    /// <param name="target">The port behind the proxy.</param>
    /// <param name="rule">
    /// Given whether the piece comes from the server, and how many bytes came from there in all.
    /// </param>
    public FaultyProxy(int target, Func<bool, long, ProxyAct> rule)
    {
        (_target, _rule, _stopped) = (target, rule, _stop.Token);
        _listener.Start();
        _ = Accept();
    }

    /// <summary>The port in front.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Serve(await _listener.AcceptTcpClientAsync(_stopped));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _stopped);
                await Task.WhenAny(
                    Copy(client.GetStream(), server.GetStream(), false),
                    Copy(server.GetStream(), client.GetStream(), true));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // the server is down: the client sees its connection closed
            }
        }
    }

    private async Task Copy(NetworkStream from, NetworkStream to, bool fromServer)
    {
        try
        {
            var buffer = new byte[16384];
            int length;
            while ((length = await from.ReadAsync(buffer, _stopped)) > 0)
            {
                var total = fromServer
                    ? Interlocked.Add(ref _fromServer, length)
                    : Interlocked.Add(ref _fromClient, length);
                switch (_rule(fromServer, total))
                {
                    case ProxyAct.Cut:
                        return;
                    case ProxyAct.Stall:
                        await Task.Delay(Timeout.Infinite, _stopped);
                        return;
                    default:
                        await to.WriteAsync(buffer.AsMemory(0, length), _stopped);
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // the other side is gone
        }
    }
}
