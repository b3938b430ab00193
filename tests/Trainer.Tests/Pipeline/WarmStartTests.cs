using Tests.Shared;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

public class WarmStartTests
{
    [Fact]
    public void A_later_fit_begins_with_the_products_of_the_earlier_one_and_with_chance_for_new_products()
    {
        using var folder = new TemporaryFolder();
        // P11 is purchased for the first time between the two scopes' ends.
        var data = HoldoutTests.Read(folder, [.. Enumerable.Range(0, 11).Select(product => (-30, product))]);
        var (early, late) = (Scope.At(data, HoldoutTests.Cut.AddDays(-10), 30), Scope.At(data, HoldoutTests.Cut, 30));
        var options = new TrainOptions { Dataset = "", Out = "", Als = new() { Factors = 4, Epochs = 3 } };
        var model = ScopeModel.Fit(early, options, supervised: false, "fit", new RunContext());
        var items = WarmStart.Items(model, late, options.Als);
        for (var product = 0; product < late.ProductCount; product++)
        {
            var known = Array.IndexOf(early.ProductIds, late.ProductIds[product]);
            Assert.Equal(late.ProductIds[product] == "P11", known < 0);
            if (known >= 0)
            {
                Assert.Equal(model.Als.Items.Row(known).ToArray(), items.Row(product).ToArray());
            }
            else
            {
                Assert.DoesNotContain(0f, items.Row(product).ToArray());
            }
        }

        Assert.Equal(
            WarmStart.Epochs, WarmStart.Options(options with { Als = new() { Epochs = 12 } }, items).Als.Epochs);
        Assert.Equal(3, WarmStart.Options(options, items).Als.Epochs);
        Assert.Same(options, WarmStart.Options(options, null));
    }
}
