using System.Globalization;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Client.Balancer;

namespace Engine.Client.Balancing;

/// <summary>
/// Picks the user's engine among those that are connected and serve, by rendezvous hashing with bounded load. A second
/// attempt goes to the user's second engine, and so on.
/// </summary>
internal sealed class RendezvousPicker(
    IReadOnlyList<Subchannel> subchannels, IReadOnlyList<EngineNode> nodes, double loadFactor, int leastOpenCalls)
    : SubchannelPicker
{
    /// <inheritdoc/>
    public override PickResult Pick(PickContext context)
    {
        var headers = context.Request?.Headers;
        if (Value(headers, CallHeaders.Node) is { } name)
        {
            for (var i = 0; i < nodes.Count; i++)
            {
                if (nodes[i].Name == name)
                {
                    // Without counting: a watch over its health is no load.
                    return PickResult.ForSubchannel(subchannels[i]);
                }
            }

            return PickResult.ForDrop(new Status(StatusCode.Unavailable, $"{name} has no connection"));
        }

        var user = Value(headers, CallHeaders.User) ?? RendezvousOrder.CallHash();
        var rank = Number(headers, CallHeaders.Skip) + Number(headers, CallHeaders.PreviousAttempts);
        var picked = Pick(user, rank);
        return PickResult.ForSubchannel(subchannels[picked], nodes[picked]);
    }

    /// <summary>The place of the engine for a call.</summary>
    /// <param name="userHash">As <see cref="RendezvousOrder"/> gives it, of a user or of the call.</param>
    /// <param name="rank">0 for the first engine, 1 for the next one.</param>
    internal int Pick(string userHash, int rank)
    {
        // When none says that it serves, all are asked: their answers say why.
        var open = Enumerable.Range(0, nodes.Count).Where(i => nodes[i].IsServing).ToArray();
        open = open.Length > 0 ? open : [.. Enumerable.Range(0, nodes.Count)];
        Array.Sort(Array.ConvertAll(open, i => ~RendezvousOrder.Weight(userHash, nodes[i].Name)), open);
        var calls = open.Sum(i => nodes[i].OpenCalls);
        var bound = Math.Max(leastOpenCalls, (int)Math.Ceiling(loadFactor * (calls + 1) / open.Length));
        for (var i = 0; i < open.Length; i++)
        {
            var place = open[(rank + i) % open.Length];
            if (nodes[place].OpenCalls < bound)
            {
                return place;
            }
        }

        // The bound is above the mean: only calls that came meanwhile lead here.
        return open[rank % open.Length];
    }

    private static string? Value(HttpRequestHeaders? headers, string name) =>
        headers is not null && headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static int Number(HttpRequestHeaders? headers, string name) =>
        int.TryParse(Value(headers, name), CultureInfo.InvariantCulture, out var number) ? number : 0;
}
