using Engine.Client.Balancing;
using Grpc.Net.Client.Balancer;

namespace Engine.Tests.Clients;

/// <summary>Which engine gets an attempt of a call.</summary>
public sealed class RendezvousPickerTests
{
    private const string User = "0123456789abcdef";
    private readonly EngineNode[] _nodes =
        [.. Enumerable.Range(1, 4).Select(i => new EngineNode(new BalancerAddress($"10.0.0.{i}", 50051)))];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_attempt_goes_to_the_next_engine_whether_the_one_before_was_lost_or_answered(bool isLost)
    {
        var asked = new AskedEngines();
        var found = new List<string>();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var node = _nodes[Picker().Pick(User, asked)];
            asked.Add(node);
            found.Add(node.Name);
            node.IsServing = !isLost;
        }

        Assert.Equal(Ordered().Take(3), found);
    }

    [Fact]
    public void An_engine_that_does_not_serve_is_passed_by_and_asked_when_no_other_is_left()
    {
        var order = Ordered();
        Node(order[0]).IsServing = false;
        var asked = new AskedEngines();
        Assert.Equal(order[1], _nodes[Picker().Pick(User, asked)].Name);
        foreach (var name in order[1..])
        {
            asked.Add(Node(name));
        }

        Assert.Equal(order[0], _nodes[Picker().Pick(User, asked)].Name);
        asked.Add(Node(order[0]));
        Assert.Equal(order[1], _nodes[Picker().Pick(User, asked)].Name);
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1:50051")]
    [InlineData("fd00::1", "[fd00::1]:50051")]
    [InlineData("[fd00::1]", "[fd00::1]:50051")]
    public void An_engine_has_one_name_wherever_its_address_comes_from(string host, string name) =>
        Assert.Equal(name, new EngineNode(new BalancerAddress(host, 50051)).Name);

    [Fact]
    public async Task All_attempts_of_a_call_know_what_was_asked_and_other_calls_do_not()
    {
        var asked = new AskedEngines();
        await asked.Around(async () =>
        {
            AskedEngines.OfCall.Add(_nodes[0]);
            await Task.Yield();
            AskedEngines.OfCall.Add(_nodes[0]);
        });
        Assert.Equal(2, asked.Times(_nodes[0]));
        Assert.Equal(0, AskedEngines.OfCall.Times(_nodes[0]));
    }

    private RendezvousPicker Picker() => new([], _nodes, loadFactor: 1.25, leastOpenCalls: 16);

    private EngineNode Node(string name) => _nodes.Single(node => node.Name == name);

    private string[] Ordered() =>
        [.. _nodes.Select(node => node.Name).OrderByDescending(name => RendezvousOrder.Weight(User, name))];
}
