using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Client.Balancer;

namespace Engine.Client.Balancing;

/// <summary>
/// Picks the user's engine among those that are connected and serve, by rendezvous hashing with bounded load. Each
/// further attempt of a call goes to the user's next engine that the call has not asked.
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
        var asked = AskedEngines.OfCall;
        var picked = Pick(user, asked);
        asked.Add(nodes[picked]);
        return PickResult.ForSubchannel(subchannels[picked], nodes[picked]);
    }

    /// <summary>The place of the engine for a call.</summary>
    /// <param name="userHash">As <see cref="RendezvousOrder"/> gives it, of a user or of the call.</param>
    /// <param name="asked">The engines that the earlier attempts of the call went to.</param>
    internal int Pick(string userHash, AskedEngines asked)
    {
        int[] all = [.. Enumerable.Range(0, nodes.Count)];
        var serving = Serving(all);
        var calls = serving.Sum(i => nodes[i].OpenCalls);
        var bound = Math.Max(leastOpenCalls, (int)Math.Ceiling(loadFactor * (calls + 1) / serving.Length));
        var times = Array.ConvertAll(all, i => asked.Times(nodes[i]));
        var least = times.Min();
        var open = Serving([.. all.Where(i => times[i] == least)]);
        Array.Sort(Array.ConvertAll(open, i => ~RendezvousOrder.Weight(userHash, nodes[i].Name)), open);
        foreach (var place in open)
        {
            if (nodes[place].OpenCalls < bound)
            {
                return place;
            }
        }

        return open[0];
    }

    // When none says that it serves, all are asked: their answers say why.
    private int[] Serving(int[] places) =>
        places.Where(i => nodes[i].IsServing).ToArray() is { Length: > 0 } open ? open : places;

    private static string? Value(HttpRequestHeaders? headers, string name) =>
        headers is not null && headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
