using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Engine.WebConsole.Wire;

/// <summary>
/// A gRPC endpoint of the engine that only its own process reaches: calls of the console pass the same checks as calls
/// from outside (keys, limits, admission, audit), and need no port.
/// </summary>
public sealed class EngineWire : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // Requests are named after their connection, in logs that outlive the process.
    private const int IdLength = 12;

    private readonly Channel<ConnectionContext> _waiting = Channel.CreateUnbounded<ConnectionContext>();

    /// <summary>What Kestrel listens on.</summary>
    public EndPoint EndPoint { get; } = new WireEndPoint();

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => ReferenceEquals(endpoint, EndPoint);

    /// <inheritdoc/>
    [SuppressMessage("Reliability", "CA2000", Justification = "Kestrel owns the listener.")]
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Listener(this));

    /// <summary>Opens a connection to the engine.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "Kestrel owns the connections that it accepts.")]
    internal Stream Connect()
    {
        var options = new PipeOptions(useSynchronizationContext: false);
        var (toEngine, toConsole) = (new Pipe(options), new Pipe(options));
        var connection = new WireConnection(
            $"console-{RandomNumberGenerator.GetHexString(IdLength)}",
            new Duplex(toEngine.Reader, toConsole.Writer));
        return _waiting.Writer.TryWrite(connection)
            ? new WireStream(toConsole.Reader, toEngine.Writer)
            : throw new IOException("the engine has stopped listening");
    }

    private sealed class WireEndPoint : EndPoint
    {
        public override string ToString() => "console";
    }

    private sealed class Listener(EngineWire wire) : IConnectionListener
    {
        public EndPoint EndPoint => wire.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await wire._waiting.Reader.WaitToReadAsync(cancellationToken)
            && wire._waiting.Reader.TryRead(out var connection)
                ? connection
                : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            wire._waiting.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }

    private sealed class WireConnection : DefaultConnectionContext
    {
        public WireConnection(string id, IDuplexPipe transport)
            : base(id, transport, transport) => RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 0);

        public override async ValueTask DisposeAsync()
        {
            await Transport.Input.CompleteAsync();
            await Transport.Output.CompleteAsync();
            await base.DisposeAsync();
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
