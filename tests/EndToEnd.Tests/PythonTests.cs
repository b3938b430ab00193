using System.Globalization;
using Engine.Protos.V1;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>A client in another language that learns the contract from the served reflection.</summary>
public sealed class PythonTests
{
    [PythonFact]
    public async System.Threading.Tasks.Task Python_asks_by_reflection_and_gets_the_same_answer()
    {
        await using var engine = await RunningEngine.Start();
        var script = Path.Combine(TestData.Root, "tests", "EndToEnd.Tests", "Python", "recommend.py");
        var run = await ProgramOutput.Of(
            PythonFactAttribute.Interpreter, script, engine.GrpcAddress.Authority, "user-1é", "7");
        Assert.True(run.ExitCode == 0, run.Error);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(
            "engine.v1.Recommender, engine.v1.Snapshots, engine.v1.Tasks, grpc.health.v1.Health",
            lines[0],
            StringComparison.Ordinal);

        var expected = await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é", TopK = 7 });
        var found = lines[1..].Select(line => line.Split('\t')).ToArray();
        Assert.Equal(expected.Products.Select(product => product.ProductId), found.Select(fields => fields[1]));
        Assert.Equal(
            expected.Products.Select(product => product.Score),
            found.Select(fields => (float)double.Parse(fields[2], CultureInfo.InvariantCulture)));
    }
}
