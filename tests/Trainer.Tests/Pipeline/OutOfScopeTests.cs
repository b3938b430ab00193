using Engine.Snapshots.Writing;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;
using Trainer.Pipeline.Publishing;
using Trainer.Tests.Data;

namespace Trainer.Tests.Pipeline;

/// <summary>
/// Whatever the dataset holds is in the history of the scope or in the rows outside of it, and in one of them only.
/// </summary>
public sealed class OutOfScopeTests
{
    [Fact]
    public void Old_purchases_users_without_a_purchase_and_products_without_one_are_kept()
    {
        using var table = new TableText();
        var scoped = Scope.Of(
            table.Read(
                "a,P1,buy,2024-06-01,2,",
                "a,P1,buy,2022-01-05,3,", // before the scope year
                "a,P7,pv,2024-05-01,,", // nobody purchased P7
                "z,P1,cart,2024-05-02,,", // z never purchased
                "y,P1,buy,2022-01-06,1,", // y purchased before the scope year alone
                "x,P1,buy,2024-05-03,1,7", // cancelled
                "x,P1,back,2024-05-04,1,7",
                "b,P2,buy,2024-06-30,1,"),
            30);
        Assert.Equal(
            ["a P1 4 x3 2022-01-05", "a P7 1 x1 2024-05-01", "y P1 4 x1 2022-01-06", "z P1 3 x1 2024-05-02"],
            Rows(scoped, OutOfScopeBehavior.Of(scoped, [1, 0])!));
        Assert.Equal(["a P1 Purchase x2 +337", "b P2 Purchase x1 +366"], TableText.Events(scoped));
    }

    [Fact]
    public void A_dataset_that_lies_in_its_scope_leaves_nothing_outside()
    {
        using var table = new TableText();
        var scoped =
            Scope.Of(table.Read("a,P1,buy,2024-06-01,2,", "b,P1,pv,2024-06-02,,", "b,P1,buy,2024-06-02,,"), 30);
        Assert.Null(OutOfScopeBehavior.Of(scoped, [0]));
    }

    private static string[] Rows(ScopedDataset scoped, OutOfScopeContent outside)
    {
        string[] users = [.. scoped.UserIds, .. outside.UserIds];
        // The test's order of products: ordinal 0 is the second of the scope.
        string[] products = [scoped.ProductIds[1], scoped.ProductIds[0], .. outside.ProductIds];
        return
        [
            .. Enumerable.Range(0, users.Length).SelectMany(user => Enumerable
                .Range((int)outside.Offsets[user], (int)(outside.Offsets[user + 1] - outside.Offsets[user]))
                .Select(
                    at => $"{users[user]} {products[outside.Products[at]]} {outside.Types[at]} x{outside.Counts[at]} "
                        + $"{BehaviorLog.Date(outside.Days[at]):yyyy-MM-dd}")),
        ];
    }
}
