using System.Collections.Concurrent;
using Engine.Client.Balancing;
using Grpc.Core;
using Grpc.Net.Client.Balancer;

namespace Engine.Tests.Clients;

/// <summary>The watch over the health of connected engines.</summary>
public sealed class EngineNodesTests
{
    private const int Rounds = 1_000;

    private static readonly BalancerAddress[] Addresses =
        [.. Enumerable.Range(1, 50).Select(i => new BalancerAddress($"10.0.0.{i}", 50051))];

    [Fact]
    public void Engines_that_connect_again_while_their_watches_end_are_watched()
    {
        using var nodes = new EngineNodes(TimeSpan.FromSeconds(1), new HastyTime());
        var watches = new CountedWatches();
        nodes.Watch(watches);
        for (var round = 0; round < Rounds; round++)
        {
            nodes.Connect([]);
            Thread.SpinWait(round);
            nodes.Connect(Addresses);

            // The second watch from now on: the first may have begun before.
            var before = watches.Begun;
            Assert.True(
                SpinWait.SpinUntil(() => IsPast(watches.Begun, before), TimeSpan.FromMinutes(1)),
                $"an engine is not watched after round {round}");
        }
    }

    private static bool IsPast(Dictionary<string, int> now, Dictionary<string, int> before) =>
        now.Count == Addresses.Length && now.All(node => node.Value >= before.GetValueOrDefault(node.Key) + 2);

    // No delay takes time.
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    // Streams that end at once.
    private sealed class CountedWatches : CallInvoker
    {
        private readonly ConcurrentDictionary<string, int> _begun = new(StringComparer.Ordinal);

        // By the engine's name.
        public Dictionary<string, int> Begun => new(_begun, StringComparer.Ordinal);

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        {
            _begun.AddOrUpdate(options.Headers!.GetValue(CallHeaders.Node)!, 1, (_, count) => count + 1);
            return new AsyncServerStreamingCall<TResponse>(
                new Ended<TResponse>(),
                Task.FromResult(new Metadata()),
                () => Status.DefaultSuccess,
                () => [],
                () => { });
        }

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();
    }

    private sealed class Ended<T> : IAsyncStreamReader<T>
    {
        public T Current => throw new InvalidOperationException();

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(false);
    }
}
