using System.Reflection;
using Tests.Shared;

namespace Trainer.Tests.Architecture;

/// <summary>No two namespaces of a trainer project use each other.</summary>
public sealed class NamespaceTests
{
    [Theory]
    [InlineData("Trainer")]
    [InlineData("Trainer.Data")]
    [InlineData("Trainer.Models")]
    [InlineData("Trainer.Evaluation")]
    [InlineData("Trainer.Pipeline")]
    [InlineData("Trainer.Leaderboard")]
    public void No_two_namespaces_use_each_other(string assembly) =>
        Assert.Empty(NamespaceGraph.Cycles(Assembly.Load(assembly)));
}
