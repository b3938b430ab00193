using Engine.Snapshots.Forgetting;
using Tests.Shared;

namespace Trainer.Tests.Data;

/// <summary>The rows of people who were forgotten do not come into a training again.</summary>
public sealed class ForgottenRowsTests
{
    [Fact]
    public void Rows_of_forgotten_people_are_passed_over_and_counted()
    {
        using var workspace = new TemporaryFolder();
        ForgottenUsers.Add(workspace.Path, "a");
        using var table = new TableText { Forgotten = ForgottenUsers.Read(workspace.Path) };
        var dataset = table.Read(
            "a,P1,buy,2024-06-01,2,", "b,P1,buy,2024-06-02,1,", "a,P2,pv,2024-06-03,,", "aa,P2,buy,2024-06-04,1,");
        Assert.Equal(["b", "aa"], dataset.UserIds.ToArray());
        Assert.Equal(["aa P2 Purchase x1 2024-06-04", "b P1 Purchase x1 2024-06-02"], TableText.Kept(dataset));
        Assert.Contains("2 behavior rows of forgotten people were left out.", dataset.Report.Warnings);
    }
}
