using Engine;
using Google.Protobuf;

namespace Bench.Load;

/// <summary>An engine that is loaded, over one of its protocols.</summary>
internal interface ILoadTarget : IDisposable
{
    /// <summary>The body of a call's request.</summary>
    byte[] Encode(IMessage request);

    /// <summary>Sends a call on a connection and reads the whole reply without decoding it.</summary>
    /// <param name="lane">Any number; calls of one lane use the same connection.</param>
    /// <param name="call">The call.</param>
    ValueTask<Outcome> Send(int lane, PreparedCall call);

    /// <summary>Asks what is not measured.</summary>
    /// <returns>The reply, or the first one of a stream.</returns>
    /// <exception cref="InputException">The engine refused or could not be reached.</exception>
    Task<TReply> Ask<TReply>(Rpc rpc, IMessage request, CancellationToken stop)
        where TReply : IMessage<TReply>, new();
}

/// <summary>A request that is encoded once and sent often.</summary>
/// <param name="Rpc">The call.</param>
/// <param name="Body">Its request; empty for the empty call.</param>
internal readonly record struct PreparedCall(Rpc Rpc, byte[] Body);

/// <summary>How a call ended.</summary>
/// <param name="Status">"OK", <see cref="TimedOut"/>, or the status of the protocol.</param>
/// <param name="Bytes">The size of the reply's message.</param>
internal readonly record struct Outcome(string Status, int Bytes)
{
    /// <summary>The status of a call that worked.</summary>
    public const string Ok = "OK";

    /// <summary>The status of a call that was given up after the time limit.</summary>
    public const string TimedOut = "timeout";
}
