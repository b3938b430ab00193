using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Server.Tasks;

namespace Engine.Tests.Server;

public sealed class TaskDatasetsTests
{
    [Fact]
    public void A_folder_that_is_not_there_yet_has_no_datasets() => Assert.Equal(
        "dataset 'sales' does not exist; datasets: none",
        Assert.Throws<NotFoundException>(
            () => new TaskDatasets(new ServerOptions { Datasets = "/nowhere/datasets" }).PathOf("sales")).Message);
}
