namespace Trainer.Data.Rows;

/// <summary>How large a dataset is, or will be at least when it has been read.</summary>
/// <param name="Behaviors">Rows of the behavior table that are kept.</param>
/// <param name="Users">Users of these.</param>
/// <param name="Products">Products of the product table.</param>
public readonly record struct DatasetSize(long Behaviors, int Users, int Products);
