using Grpc.Net.Client.Balancer;
using Microsoft.Extensions.Logging;

namespace Engine.Client.Balancing;

/// <summary>Keeps a connection to every engine; a lost one is tried again with back-off.</summary>
internal sealed class RendezvousBalancer(
    IChannelControlHelper controller,
    ILoggerFactory loggers,
    EngineNodes nodes,
    double loadFactor,
    int leastOpenCalls)
    : SubchannelsLoadBalancer(controller, loggers)
{
    /// <inheritdoc/>
    protected override SubchannelPicker CreatePicker(IReadOnlyList<Subchannel> readySubchannels)
    {
        // A connection may be lost at any moment: the picker is then made again.
        var ready = readySubchannels.Where(subchannel => subchannel.CurrentAddress is not null).ToArray();
        return new RendezvousPicker(
            ready,
            nodes.Connect([.. ready.Select(subchannel => subchannel.CurrentAddress!)]),
            loadFactor,
            leastOpenCalls);
    }
}

/// <summary>Makes the one balancer of a channel.</summary>
internal sealed class RendezvousBalancerFactory(EngineNodes nodes, double loadFactor, int leastOpenCalls)
    : LoadBalancerFactory
{
    /// <summary>As the service config names it.</summary>
    public const string PolicyName = "engine_rendezvous";

    /// <inheritdoc/>
    public override string Name => PolicyName;

    /// <inheritdoc/>
    public override LoadBalancer Create(LoadBalancerOptions options) =>
        new RendezvousBalancer(options.Controller, options.LoggerFactory, nodes, loadFactor, leastOpenCalls);
}
